/// Limits a rate: a full bucket allows a burst, then so many a second.
public struct TokenBucket: Sendable, Hashable {
    private let capacity: UInt64
    private let perSecond: UInt64
    /// Tokens in billionths.
    private var level: UInt64
    private var last: UInt64?

    /// A full bucket of `capacity` tokens (at most 10^9) that gains `perSecond` tokens (at most 10^9) each second.
    public init(capacity: UInt64, perSecond: UInt64) {
        self.capacity = min(capacity, 1_000_000_000) * 1_000_000_000
        self.perSecond = min(perSecond, 1_000_000_000)
        level = self.capacity
    }

    /// Takes one token at time `now` (nanoseconds); false where none is left.
    public mutating func take(now: UInt64) -> Bool {
        let before = last ?? now
        let elapsed = now > before ? now - before : 0
        last = max(now, before)
        let (gained, overflow) = elapsed.multipliedReportingOverflow(by: perSecond)
        level = overflow || capacity - level < gained ? capacity : level + gained
        guard level >= 1_000_000_000 else { return false }
        level -= 1_000_000_000
        return true
    }
}
