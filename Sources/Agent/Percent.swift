/// Shares as configuration files carry them, in hundredths of a percent: `"12.5%"` is 1,250.
enum Percent {
    /// Hundredths of a percent of a text such as `5%`, `12.5 %` or `0.01%`; nil for anything else.
    static func parse(_ text: String) -> UInt32? {
        var bytes = text.utf8[...]
        guard bytes.popLast() == UInt8(ascii: "%") else { return nil }
        if bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = digits(parts[0], atMost: 3) else { return nil }
        var fraction: UInt32 = 0
        if parts.count == 2 {
            guard let value = digits(parts[1], atMost: 2) else { return nil }
            fraction = parts[1].count == 1 ? value * 10 : value
        }
        return whole * 100 + fraction
    }

    /// As a configuration file carries it.
    static func exact(_ hundredths: UInt32) -> String {
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return "\(whole)%" }
        if rest % 10 == 0 { return "\(whole).\(rest / 10)%" }
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
    }

    private static func digits(_ bytes: Substring.UTF8View.SubSequence, atMost count: Int) -> UInt32? {
        guard !bytes.isEmpty, bytes.count <= count else { return nil }
        var value: UInt32 = 0
        for byte in bytes {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + UInt32(byte - 48)
        }
        return value
    }
}
