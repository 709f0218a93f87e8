import Governor
import Wire

/// Turns one entry into a value of the kind and range that its key wants.
struct ConfigurationReader {
    let table: String
    let entry: TOMLEntry
    let file: String

    /// `table.key`.
    var name: String { "\(table).\(entry.key)" }

    func fault(_ message: String, expected: String) -> ConfigurationError {
        ConfigurationError(.value, file: file, line: entry.line, message, expected: expected)
    }

    private func wrongKind(_ expected: String) -> ConfigurationError {
        fault("\(entry.key) is \(entry.value.kind)", expected: expected)
    }

    private func string(_ expected: String) throws(ConfigurationError) -> String {
        guard case .string(let text) = entry.value else { throw wrongKind(expected) }
        return text
    }

    /// A value in quotes for messages, on one line and not too long.
    private func quoted(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(80) {
            if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar == "\u{2028}"
                || scalar == "\u{2029}"
            {
                shown += "?"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return "\"\(shown)\(text.unicodeScalars.count > 80 ? "..." : "")\""
    }

    func boolean() throws(ConfigurationError) -> Bool {
        guard case .boolean(let value) = entry.value else { throw wrongKind("true or false") }
        return value
    }

    func integer(_ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
        guard case .integer(let value) = entry.value else { throw wrongKind(expected) }
        guard let number = Int(exactly: value), range.contains(number) else {
            throw fault("\(entry.key) is \(value)", expected: expected)
        }
        return number
    }

    func choice<Value>(_ choices: [(String, Value)]) throws(ConfigurationError) -> Value {
        let names = choices.map { "\"\($0.0)\"" }
        let expected = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
        let text = try string(expected)
        guard let match = choices.first(where: { $0.0 == text }) else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return match.1
    }

    func deflateOnOom() throws(ConfigurationError) -> DeflateOnOom {
        if case .string("pressure") = entry.value {
            throw fault("\(entry.key) \"pressure\" is not supported by this version", expected: "\"off\" or \"oom\"")
        }
        return try choice([("off", .off), ("oom", .oom)])
    }

    // MARK: Quantities

    func size(
        _ range: ClosedRange<UInt64>, multipleOf step: UInt64 = 1, example: String
    ) throws(ConfigurationError) -> UInt64 {
        let steps = step > 1 ? ", a multiple of \(ByteSize.exact(step))" : ""
        let expected =
            "a size from \(ByteSize.exact(range.lowerBound)) to \(ByteSize.exact(range.upperBound))\(steps), "
            + "such as \"\(example)\""
        let text = try string(expected)
        guard let bytes = ByteSize.parse(text), range.contains(bytes), bytes % step == 0 else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return bytes
    }

    func sizeOrAuto(_ range: ClosedRange<UInt64>, example: String) throws(ConfigurationError) -> UInt64? {
        if case .string("auto") = entry.value { return nil }
        do {
            return try size(range, example: example)
        } catch {
            throw fault(error.message, expected: "\"auto\" or \(error.expected)")
        }
    }

    func duration(
        _ range: ClosedRange<UInt64>, orZero: Bool, wholeUnit unit: UInt64 = 1, example: String
    ) throws(ConfigurationError) -> UInt64 {
        let expected =
            "\(orZero ? "\"0s\" or " : "")a duration from \(DurationText.exact(range.lowerBound)) to "
            + "\(DurationText.exact(range.upperBound)), such as \"\(example)\""
        let text = try string(expected)
        guard let time = DurationText.parse(text), range.contains(time) || (orZero && time == 0), time % unit == 0
        else { throw fault("\(entry.key) is \(quoted(text))", expected: expected) }
        return time
    }

    // MARK: Names

    func absolutePath() throws(ConfigurationError) -> String {
        let expected = "an absolute path"
        let text = try string(expected)
        guard text.utf8.first == UInt8(ascii: "/"), !text.utf8.contains(0) else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return text
    }

    func socketPath() throws(ConfigurationError) -> String {
        let expected = "an absolute path of at most 107 bytes, or \"\" for no socket"
        let text = try string(expected)
        guard text.isEmpty || (text.utf8.first == UInt8(ascii: "/") && text.utf8.count <= 107 && !text.utf8.contains(0))
        else { throw fault("\(entry.key) is \(quoted(text))", expected: expected) }
        return text
    }

    func portName() throws(ConfigurationError) -> String {
        let expected = "the name of a virtio-serial port, such as \"org.ballast.agent.0\""
        let text = try string(expected)
        let isGood = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }
        guard isGood, (1...255).contains(text.utf8.count) else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return text
    }

    func sliceName() throws(ConfigurationError) -> String {
        let expected = "the name of a systemd slice, such as \"ballastholders.slice\""
        let text = try string(expected)
        let suffix = ".slice"
        let name = text.hasSuffix(suffix) ? text.utf8.dropLast(suffix.utf8.count) : "".utf8[...]
        let isGood = name.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        let hyphen = UInt8(ascii: "-")
        // A hyphen separates a slice from its parent, so there is none at either end and no two in a row.
        let parts = name.split(separator: hyphen, omittingEmptySubsequences: false)
        guard isGood, !name.isEmpty, text.utf8.count <= 255, parts.allSatisfy({ !$0.isEmpty }) else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return text
    }
}
