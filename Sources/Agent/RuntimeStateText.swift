import Wire

/// The runtime state as a small text: a header with the format's version, one fact a line, and a checksum. A text of
/// another version, of another boot or with a wrong checksum is none.
///
///     ballast-state 1
///     boot 6f9619ff-8b86-d011-b42d-00cf4fc964ff
///     stats-period host 2000
///     hold hibernation 123000000000
///     hold-off 3 456000000000
///     crc32c 1a2b3c4d
enum RuntimeStateText {
    /// The largest text that is looked at, in bytes.
    static let limit = 4096

    private static let header = "ballast-state 1"

    /// The text of a state of this boot.
    static func encode(_ state: RuntimeState, bootID: String) -> [UInt8] {
        var text = "\(header)\nboot \(bootID)\n"
        if let period = state.overrides.statsPeriod {
            text += "stats-period \(period.source.rawValue) \(period.value.map { "\($0)" } ?? "adaptive")\n"
        }
        if let yields = state.overrides.deflateOnOom {
            text += "deflate-on-oom \(yields.source.rawValue) \(yields.value)\n"
        }
        if let release = state.overrides.releaseAfter {
            text += "release-after \(release.source.rawValue) \(release.value.map { "\($0)" } ?? "hold")\n"
        }
        if let hold = state.holds.administrator { text += "hold administrator \(hold.until)\n" }
        if let hold = state.holds.hibernation { text += "hold hibernation \(hold.until)\n" }
        if let pause = state.holdOff { text += "hold-off \(pause.reason.rawValue) \(pause.until)\n" }
        let bytes = Array(text.utf8)
        return bytes + Array("crc32c \(String(CRC32C.checksum(bytes), radix: 16))\n".utf8)
    }

    /// The state that a text tells; nil where it is damaged, of another version or of another boot.
    static func decode(_ bytes: [UInt8], bootID: String) -> RuntimeState? {
        guard bytes.count <= limit, bytes.last == UInt8(ascii: "\n"),
            let end = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n"))
        else { return nil }
        let body = bytes[...end]
        let checksum = "crc32c \(String(CRC32C.checksum(body), radix: 16))"
        guard bytes[(end + 1)...].dropLast().elementsEqual(checksum.utf8) else { return nil }
        var lines = body.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }[...]
        guard lines.popFirst() == header, lines.popFirst() == "boot \(bootID)" else { return nil }
        var state = RuntimeState()
        for line in lines {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 3, take(words[0], words[1], words[2], into: &state) else { return nil }
        }
        return state
    }

    private static func take(_ name: String, _ first: String, _ value: String, into state: inout RuntimeState) -> Bool {
        if name == "hold" {
            guard let until = UInt64(value), first == "administrator" || first == "hibernation" else { return false }
            state.holds.set(AdminHold(until: until, reason: first == "hibernation" ? .hibernation : .hold))
            return true
        }
        if name == "hold-off" {
            guard let number = Int32(first), let until = UInt64(value) else { return false }
            state.holdOff = RuntimeState.HoldOff(reason: Reason(rawValue: number), until: until)
            return true
        }
        guard let source = PolicySource(rawValue: first), source != .configuration else { return false }
        switch name {
        case "stats-period":
            let number = UInt64(value)
            guard number != nil || value == "adaptive" else { return false }
            state.overrides.statsPeriod = .init(value: number, source: source)
        case "deflate-on-oom":
            guard let number = Int32(value) else { return false }
            state.overrides.deflateOnOom = .init(value: number, source: source)
        case "release-after":
            let number = UInt64(value)
            guard number != nil || value == "hold" else { return false }
            state.overrides.releaseAfter = .init(value: number, source: source)
        default: return false
        }
        return true
    }
}
