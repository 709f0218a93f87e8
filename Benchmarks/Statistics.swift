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

    /// About three digits that count, without an exponent.
    static func text(_ value: Double) -> String {
        let size = abs(value)
        let digits = size >= 100 || value == value.rounded() ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
        let factor = [1, 10, 100, 1000][digits]
        let scaled = Int((size * Double(factor)).rounded())
        guard digits > 0 else { return "\(value < 0 ? "-" : "")\(scaled)" }
        let fraction = "\(scaled % factor)"
        let zeroes = String(repeating: "0", count: digits - fraction.count)
        return "\(value < 0 ? "-" : "")\(scaled / factor).\(zeroes)\(fraction)"
    }
}
