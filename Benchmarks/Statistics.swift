/// Small sums over measured values.
enum Statistics {
    static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

    /// The value below which that share of all lies, interpolated; 0 of nothing.
    static func quantile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return 0 }
        let place = share * Double(sorted.count - 1)
        let index = Int(place)
        guard index + 1 < sorted.count else { return last }
        return sorted[index] + (sorted[index + 1] - sorted[index]) * (place - Double(index))
    }

    static func sum(_ values: [Double]) -> Double { values.reduce(0, +) }

    static func highest(_ values: [Double]) -> Double { values.max() ?? 0 }

    /// Three digits that count, without an exponent.
    static func text(_ value: Double) -> String {
        let size = abs(value)
        let digits = size >= 100 || value == value.rounded() ? 0 : size >= 10 ? 1 : 2
        let factor = digits == 0 ? 1.0 : digits == 1 ? 10.0 : 100.0
        let scaled = Int((value * factor).rounded())
        guard digits > 0 else { return "\(scaled)" }
        let fraction = "\(abs(scaled) % Int(factor))"
        let zeroes = String(repeating: "0", count: digits - fraction.count)
        return "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int(factor)).\(zeroes)\(fraction)"
    }
}
