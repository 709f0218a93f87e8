/// Learns from page cache that was reclaimed at an unknown age how much of such cache is in use: what is comes back.
///
/// It reclaims nothing itself. The governor's own steps are the probing: bounded, gated by pressure and refaults, and
/// taken only where the host wants memory. After Meta's senpai, which the reference describes, but with refaults as the
/// measure: pressure shows only once the guest suffers. A pure value; the caller reads the counters.
public struct CacheProbe: Sendable, Hashable {
    /// How long to watch for refaults after the last step, in nanoseconds.
    public static let watch: UInt64 = 60_000_000_000
    /// Steps follow one another; after so many nanoseconds what came back of them counts even if they go on.
    static let longestWatch: UInt64 = 300_000_000_000
    /// How long an answer counts, in nanoseconds.
    static let lifetime: UInt64 = 600_000_000_000

    private struct Steps: Hashable {
        var bytes: UInt64
        var began: UInt64
        var last: UInt64
        var counters: RefaultCounters
    }

    /// Of the steps that were answered, how much came back lately, in thousandths; nil before the first answer.
    public private(set) var refaultedShare: UInt64?
    /// When the last answer came, in nanoseconds.
    public private(set) var answeredAt: UInt64?
    private var steps: Steps?

    /// A probe that has learnt nothing yet.
    public init() {}

    /// When `learn` has something to learn, in nanoseconds; nil while no step is watched.
    public var due: UInt64? {
        steps.map { min($0.last.adding(Self.watch), $0.began.adding(Self.longestWatch)) }
    }

    /// Page cache was reclaimed.
    /// - Parameters:
    ///   - bytes: How much.
    ///   - counters: The refault counters just before it.
    public mutating func reclaimed(_ bytes: UInt64, counters: RefaultCounters, now: UInt64) {
        guard bytes > 0 else { return }
        let before = steps ?? Steps(bytes: 0, began: now, last: now, counters: counters)
        steps = Steps(
            bytes: before.bytes.adding(bytes), began: before.began, last: now, counters: before.counters)
    }

    /// Takes in what came back; true where that was an answer.
    @discardableResult
    public mutating func learn(_ counters: RefaultCounters, now: UInt64) -> Bool {
        guard let steps, let due, now >= due else { return false }
        self.steps = nil
        let returned = counters.since(steps.counters).refaultedFile.multiplied(4096)
        let share = min(returned.scaled(1000, over: steps.bytes), 1000)
        // Half old, half new: one odd answer does not overturn what was learnt.
        refaultedShare = refaultedShare.map { ($0 + share) / 2 } ?? share
        answeredAt = now
        return true
    }

    /// How much of this much inactive page cache is likely cold, in bytes, as far as steps were answered within the
    /// last ten minutes; nil where nothing is known.
    public func coldBytes(ofInactive bytes: UInt64, now: UInt64) -> UInt64? {
        guard let refaultedShare, let answeredAt, now.less(answeredAt) <= Self.lifetime else { return nil }
        return bytes.scaled(UInt64(1000).less(refaultedShare), over: 1000)
    }
}
