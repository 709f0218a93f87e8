/// Sizes as people type and read them: `512M`, `1.5GiB`, `2 GiB`. All units are binary (1K = 1024 bytes).
public enum ByteSize {
    /// Bytes of a size such as `512M`, `1.5GiB`, `4096` or `64 KiB`; nil where it is none or does not fit.
    ///
    /// A fraction is rounded down to whole bytes.
    public static func parse(_ text: some StringProtocol) -> UInt64? {
        let trimmed = Array(text.utf8).drop { $0 == 32 }
        var digits: UInt64 = 0
        var scale: UInt64 = 1
        var seenDigit = false
        var seenPoint = false
        var rest = trimmed
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !seenPoint, seenDigit {
                seenPoint = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                let (times, overflow) = digits.multipliedReportingOverflow(by: 10)
                let (sum, carry) = times.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
                guard !overflow, !carry, !seenPoint || scale < 1_000_000 else { return nil }
                digits = sum
                if seenPoint { scale *= 10 }
                seenDigit = true
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard seenDigit, !seenPoint || scale > 1 else { return nil }
        while rest.first == 32 { rest = rest.dropFirst() }
        while rest.last == 32 { rest = rest.dropLast() }
        guard let unit = multiplier(String(decoding: rest, as: UTF8.self)) else { return nil }
        guard unit > 1 || scale == 1 else { return nil }
        let product = digits.multipliedFullWidth(by: unit)
        guard product.high < scale else { return nil }
        return scale.dividingFullWidth(product).quotient
    }

    private static func multiplier(_ unit: String) -> UInt64? {
        switch unit.lowercased() {
        case "", "b": 1
        case "k", "kb", "kib": 1 << 10
        case "m", "mb", "mib": 1 << 20
        case "g", "gb", "gib": 1 << 30
        case "t", "tb", "tib": 1 << 40
        default: nil
        }
    }

    /// A size for people, in the largest unit that leaves at least 1: `512 MiB`, `1.50 GiB`, `0 B`.
    public static func format(_ bytes: UInt64) -> String {
        let units: [(String, Int)] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
        for (name, shift) in units where bytes >> UInt64(shift) > 0 {
            let whole = bytes >> UInt64(shift)
            let rest = bytes & ((1 << UInt64(shift)) - 1)
            if rest == 0 || whole >= 100 && shift < 30 { return "\(whole) \(name)" }
            // Rounded down, so that a size that is not quite reached is never shown as reached.
            let hundredths = ((rest >> UInt64(shift - 10)) * 100) >> 10
            return "\(whole).\(hundredths < 10 ? "0" : "")\(hundredths) \(name)"
        }
        return "\(bytes) B"
    }
}
