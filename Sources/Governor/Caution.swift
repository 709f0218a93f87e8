/// After a release the balloon grows more slowly; each calm period doubles the rate again.
struct Caution: Sendable {
    private var level = 0
    private var calmSince: UInt64 = 0

    /// A calm period, in nanoseconds.
    static let period = 10 * DurationText.second
    /// The rate is never divided by more than 64.
    static let most = 6

    /// How often the rate is halved now.
    func halvings(now: UInt64) -> Int {
        max(0, level - Int(clamping: now.less(calmSince) / Self.period))
    }

    /// Something hurt: halves the rate `by` times more; calm counts from `calmFrom` on.
    mutating func raise(by steps: Int, calmFrom: UInt64, now: UInt64) {
        level = min(halvings(now: now) + steps, Self.most)
        calmSince = max(calmSince, calmFrom, now)
    }
}
