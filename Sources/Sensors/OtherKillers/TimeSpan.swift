/// Spans of time as systemd and Kubernetes write them.
enum TimeSpan {
    /// `30`, `30s`, `1min 30s`, `1m30s`, `500ms` in milliseconds; a number without unit is seconds; nil for anything
    /// else.
    static func milliseconds(_ text: String) -> UInt64? {
        var total: UInt64 = 0
        var rest = text.utf8.filter { $0 != UInt8(ascii: " ") }[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard let value = KernelText.number(ArraySlice(digits)) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(unit.count)
            switch String(decoding: unit, as: UTF8.self) {
            case "us", "usec": total = total.adding(value / 1000)
            case "ms", "msec": total = total.adding(value)
            case "", "s", "sec", "second", "seconds": total = total.adding(value.multiplied(1000))
            case "m", "min", "minute", "minutes": total = total.adding(value.multiplied(60_000))
            case "h", "hr", "hour", "hours": total = total.adding(value.multiplied(3_600_000))
            case "d", "day", "days": total = total.adding(value.multiplied(86_400_000))
            default: return nil
            }
        }
        return total
    }
}
