/// Periods as people type them: `500ms`, `5s`, `2m`, `1h`, `7d`, `0`.
public enum PeriodText {
    /// Milliseconds of a period; nil where it is none or does not fit. A bare number counts seconds.
    public static func parse(_ text: String) -> UInt64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = UInt64(digits) else { return nil }
        let scale: UInt64
        switch text.dropFirst(digits.count) {
        case "ms": scale = 1
        case "", "s": scale = 1000
        case "m", "min": scale = 60_000
        case "h": scale = 3_600_000
        case "d": scale = 86_400_000
        default: return nil
        }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: scale)
        return overflow ? nil : milliseconds
    }

    /// A period for people: `500 ms`, `5 s`, `off` for 0.
    public static func format(_ milliseconds: UInt64) -> String {
        if milliseconds == 0 { return "off" }
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }

    /// A span of time for people, in the largest unit that leaves at least 1, with at most one decimal, rounded down:
    /// `250 ms`, `1.5 s`, `10 min`, `2 h`, `3 d`.
    public static func span(_ milliseconds: UInt64) -> String {
        let units: [(name: String, size: UInt64)] = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)]
        for unit in units where milliseconds >= unit.size {
            let tenths = (milliseconds % unit.size) * 10 / unit.size
            return "\(milliseconds / unit.size)" + (tenths == 0 ? "" : ".\(tenths)") + " \(unit.name)"
        }
        return "\(milliseconds) ms"
    }
}
