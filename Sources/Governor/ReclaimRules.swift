/// What the agent may do so that cold memory becomes free before the balloon takes it.
public struct ReclaimRules: Sendable, Equatable {
    /// How the kernel can be asked to reclaim (`memory.reclaim` of the root cgroup).
    public enum Support: Sendable, Equatable {
        /// Not at all: kernels before 5.19, cgroup v1, or no right to.
        case none
        /// A number of bytes only.
        case bytes
        /// A number of bytes and `swappiness=`, which can spare anonymous memory.
        case swappiness
    }

    /// What this kernel offers.
    public var support: Support
    /// Whether cold page cache may be reclaimed.
    public var cache: Bool
    /// Whether cold anonymous memory may be written to swap; without swap it never is.
    public var anonymous: Bool
    /// Whether free memory may be compacted.
    public var compaction: Bool
    /// Share of `some` in hundredths of a percent from which nothing is begun.
    public var calmSome: UInt32
    /// Share of `some` in hundredths of a percent from which what runs is to be stopped.
    public var abortSome: UInt32
    /// Shortest time between two reclaim steps, in nanoseconds.
    public var interval: UInt64
    /// Shortest time between two compactions, in nanoseconds; doubled after each that gained little, up to an hour.
    public var compactionInterval: UInt64

    /// The defaults: page cache and compaction, no anonymous memory; begun below 1 % of pressure and stopped above
    /// 5 %; a step a second, a compaction a minute. `support` has to be found out.
    public init(
        support: Support = .none, cache: Bool = true, anonymous: Bool = false, compaction: Bool = true,
        calmSome: UInt32 = 100, abortSome: UInt32 = 500, interval: UInt64 = DurationText.second,
        compactionInterval: UInt64 = DurationText.minute
    ) {
        self.support = support
        self.cache = cache
        self.anonymous = anonymous
        self.compaction = compaction
        self.calmSome = calmSome
        self.abortSome = abortSome
        self.interval = interval
        self.compactionInterval = compactionInterval
    }
}
