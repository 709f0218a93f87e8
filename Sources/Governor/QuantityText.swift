/// The number and unit of a size or duration as a person types it.
struct QuantityText {
    /// Digits before the decimal point.
    let whole: UInt64
    /// Digits after the decimal point, as a number.
    let fraction: UInt64
    /// Ten to the power of the count of digits after the decimal point.
    let fractionScale: UInt64
    /// What follows the number, without blanks around it.
    let unit: Substring

    /// Nil where the text is no decimal number followed by letters; at most nine digits may follow the point.
    init?(_ text: String) {
        var rest = Substring(text)
        guard let whole = Self.digits(&rest), whole.count > 0 else { return nil }
        var fraction: UInt64 = 0
        var scale: UInt64 = 1
        if rest.first == "." {
            rest.removeFirst()
            guard let part = Self.digits(&rest), part.count > 0, part.count <= 9 else { return nil }
            fraction = part.value
            for _ in 0..<part.count { scale *= 10 }
        }
        if rest.first == " " { rest.removeFirst() }
        for scalar in rest.unicodeScalars where !Self.isLetter(scalar) { return nil }
        self.whole = whole.value
        self.fraction = fraction
        self.fractionScale = scale
        self.unit = rest
    }

    /// The quantity in units of one `factor`-th, rounded down; nil beyond 64 bits.
    func scaled(by factor: UInt64) -> UInt64? {
        let (high, overflow) = whole.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        let low = UInt128(fraction) * UInt128(factor) / UInt128(fractionScale)
        let (sum, carry) = high.addingReportingOverflow(UInt64(truncatingIfNeeded: low))
        return carry ? nil : sum
    }

    private static func digits(_ rest: inout Substring) -> (value: UInt64, count: Int)? {
        var value: UInt64 = 0
        var count = 0
        while let scalar = rest.unicodeScalars.first, scalar.value >= 48, scalar.value <= 57 {
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(scalar.value - 48))
            guard !tooLarge, !carry else { return nil }
            value = sum
            count += 1
            rest.unicodeScalars.removeFirst()
        }
        return (value, count)
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        (65...90).contains(scalar.value) || (97...122).contains(scalar.value)
    }

    /// `value ÷ unit` with one decimal where it is not zero, rounded to the nearest; nil where that reaches `limit`,
    /// so that the next larger unit reads better.
    static func format(_ value: UInt64, unit: UInt64, limit: UInt64) -> String? {
        let tenths = (UInt128(value) * 10 + UInt128(unit) / 2) / UInt128(unit)
        guard tenths < UInt128(limit) * 10 else { return nil }
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
