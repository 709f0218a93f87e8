/// Arithmetic on bytes and nanoseconds that meets outside numbers: it saturates where the plain operators would trap.
extension UInt64 {
    /// The sum, or the largest value.
    func adding(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The difference, or zero.
    func less(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }

    /// The product, or the largest value.
    func times(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// `self × numerator ÷ denominator` without an intermediate overflow, rounded down; the largest value where it
    /// does not fit or the denominator is zero.
    func scaled(_ numerator: UInt64, over denominator: UInt64) -> UInt64 {
        guard denominator > 0 else { return .max }
        let result = UInt128(self) * UInt128(numerator) / UInt128(denominator)
        return UInt64(exactly: result) ?? .max
    }

    /// Rounded down to whole 2 MiB.
    var wholeHugePages: UInt64 { self - self % ByteSize.hugePage }
}
