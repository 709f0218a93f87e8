/// Durations as people type and read them, in nanoseconds.
public enum DurationText {
    /// Nanoseconds in a millisecond.
    public static let millisecond: UInt64 = 1_000_000
    /// Nanoseconds in a second.
    public static let second: UInt64 = 1_000_000_000
    /// Nanoseconds in a minute.
    public static let minute: UInt64 = 60 * second
    /// Nanoseconds in an hour.
    public static let hour: UInt64 = 60 * minute
    /// Nanoseconds in a day.
    public static let day: UInt64 = 24 * hour

    /// Nanoseconds of a text such as `250ms`, `10s`, `1.5m`, `24h` or `1d`; `0` needs no unit. Nil for anything else
    /// and beyond 64 bits (584 years).
    public static func parse(_ text: String) -> UInt64? {
        guard let quantity = QuantityText(text) else { return nil }
        let factor: UInt64
        switch quantity.unit {
        case "":
            guard quantity.whole == 0, quantity.fraction == 0 else { return nil }
            factor = 1
        case "ns": factor = 1
        case "us": factor = 1000
        case "ms": factor = millisecond
        case "s": factor = second
        case "m", "min": factor = minute
        case "h": factor = hour
        case "d": factor = day
        default: return nil
        }
        return quantity.scaled(by: factor)
    }

    /// A duration for people, in its largest unit with at most one decimal: `250 ms`, `9.5 s`, `2 min`.
    public static func format(_ nanoseconds: UInt64) -> String {
        let units = [
            (UInt64(1), UInt64(1000), "ns"), (1000, 1000, "us"), (millisecond, 1000, "ms"), (second, 120, "s"),
            (minute, 120, "min"), (hour, 48, "h"),
        ]
        guard nanoseconds > 0 else { return "0 s" }
        for (unit, limit, name) in units {
            if let text = QuantityText.format(nanoseconds, unit: unit, limit: limit) { return "\(text) \(name)" }
        }
        return "\(QuantityText.format(nanoseconds, unit: day, limit: .max) ?? "\(nanoseconds / day)") d"
    }

    /// A duration as configuration files carry it, exact: `250ms`, `10s`, `24h`, `0s`.
    public static func exact(_ nanoseconds: UInt64) -> String {
        guard nanoseconds > 0 else { return "0s" }
        let units = [(hour, "h"), (minute, "m"), (second, "s"), (millisecond, "ms"), (UInt64(1000), "us")]
        for (unit, name) in units where nanoseconds % unit == 0 { return "\(nanoseconds / unit)\(name)" }
        return "\(nanoseconds)ns"
    }
}
