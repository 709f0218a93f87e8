extension UInt64 {
    /// `self × numerator ÷ denominator` without an intermediate overflow, rounded down; 0 where the denominator is 0,
    /// the largest value where it does not fit.
    func scaled(_ numerator: UInt64, over denominator: UInt64) -> UInt64 {
        denominator > 0 ? portion(numerator, of: denominator) : 0
    }

    /// Of milliseconds: the nanoseconds.
    var millisecondsAsNanoseconds: UInt64 { multiplied(1_000_000) }
}
