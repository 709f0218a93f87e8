/// How much of a rate is left beside pressure and after releases.
struct Calmness {
    /// Share of `some` in hundredths of a percent, and the one at which nothing is left.
    let pressure: UInt32
    let limit: UInt32
    /// How often the rate is halved.
    let halvings: Int

    /// Nothing slows the balloon.
    var isWhole: Bool { pressure == 0 && halvings == 0 }

    /// `rate × max(0, 1 − pressure ÷ limit)`, halved; in bytes a second, at least 2 MiB unless pressure forbids any.
    func applied(to rate: UInt64) -> UInt64 {
        guard pressure > 0 else { return max(rate >> UInt64(halvings), ByteSize.hugePage) }
        guard pressure < limit else { return 0 }
        return max(
            rate.scaled(UInt64(limit - pressure), over: UInt64(limit)) >> UInt64(halvings), ByteSize.hugePage)
    }
}
