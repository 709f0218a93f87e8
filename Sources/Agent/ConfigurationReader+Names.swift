import Wire

extension ConfigurationReader {
    /// The values of deflate-on-oom by their names in the configuration.
    static let deflateOnOom: [(String, DeflateOnOom)] = [("off", .off), ("oom", .oom), ("pressure", .pressure)]
    /// The values of on-controller-loss by their names in the configuration.
    static let onControllerLoss: [(String, OnControllerLoss)] = [
        ("hold", .holdBalloon), ("release-after", .releaseAfter),
    ]

    func absolutePath() throws(ConfigurationError) -> String {
        let expected = "an absolute path"
        let text = try string(expected)
        guard text.utf8.first == UInt8(ascii: "/"), !text.utf8.contains(0) else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return text
    }

    /// An absolute path, or the empty string, which means what `none` says.
    func absolutePath(orNone none: String) throws(ConfigurationError) -> String {
        if case .string("") = entry.value { return "" }
        do {
            return try absolutePath()
        } catch {
            throw fault(error.message, expected: "\(error.expected), or \"\" \(none)")
        }
    }

    /// Paths below the cgroup root: none of them leads out of it.
    func cgroups(atMost limit: Int) throws(ConfigurationError) -> [String] {
        let expected = "an array of at most \(limit) cgroups, such as [\"/system.slice\"]"
        guard case .strings(let texts) = entry.value else { throw wrongKind(expected) }
        guard texts.count <= limit else { throw fault("\(entry.key) has \(texts.count)", expected: expected) }
        for text in texts {
            let parts = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let isGood = parts.allSatisfy { !$0.isEmpty && !$0.elementsEqual("..".utf8) && !$0.elementsEqual(".".utf8) }
            guard text.utf8.first == UInt8(ascii: "/"), isGood, text.utf8.count <= 4000, !text.utf8.contains(0) else {
                throw fault("\(entry.key) has \(quoted(text))", expected: expected)
            }
        }
        return texts
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
