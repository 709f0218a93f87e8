/// Arithmetic on numbers of the kernel's files: it saturates where the plain operators would trap.
extension UInt64 {
    /// The sum, or the largest value.
    func adding(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The difference, or zero.
    func less(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }

    /// The product, or the largest value.
    func multiplied(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// `self × numerator ÷ denominator` rounded down; the largest value where it does not fit or the denominator is
    /// zero.
    func portion(_ numerator: UInt64, of denominator: UInt64) -> UInt64 {
        guard denominator > 0 else { return .max }
        return UInt64(exactly: UInt128(self) * UInt128(numerator) / UInt128(denominator)) ?? .max
    }
}

/// A float as a whole number; 0 for what is negative or no number, the largest value for what is too large.
func wholeNumber(_ value: Double) -> UInt64 {
    guard value > 0 else { return 0 }
    return UInt64(exactly: value.rounded(.down)) ?? .max
}
