/// Gentle probing: reclaims a little page cache, and learns from what comes back whether it was in use.
///
/// A pure decision; the caller writes to `memory.reclaim` and reads the counters. A step is small against the cache,
/// waits for the answer to the one before, and is not proposed under pressure. What comes back makes the next step
/// smaller and later; where next to nothing does, steps grow towards their bound. After Meta's senpai, which the
/// reference describes, but with refaults as the measure: pressure shows only once the guest suffers.
public struct ProbePlan: Sendable, Hashable {
    /// Bounds of the probing.
    public struct Bounds: Sendable, Hashable {
        /// The smallest step, in bytes.
        public var smallestStep: UInt64 = 1 << 20
        /// The largest step, in bytes.
        public var largestStep: UInt64 = 64 << 20
        /// The largest step as a share of the inactive page cache, in thousandths.
        public var largestShare: UInt64 = 20
        /// How long to watch for refaults after a step, in nanoseconds.
        public var watch: UInt64 = 60_000_000_000
        /// The longest pause after steps that came back, in nanoseconds.
        public var longestPause: UInt64 = 1_200_000_000_000
        /// Pressure (`some`, 10 s) in hundredths of a percent from which on nothing is probed.
        public var pressureLimit: UInt32 = 10
        /// The share of a step that may come back before it counts as in use, in thousandths.
        public var refaultLimit: UInt64 = 50

        /// The usual bounds.
        public init() {}
    }

    /// What the guest looks like.
    public struct Inputs: Sendable, Hashable {
        /// Monotonic clock, in nanoseconds.
        public var now: UInt64
        /// Pressure (`some`, 10 s), in hundredths of a percent; nil where the kernel has no PSI.
        public var pressure: UInt32?
        /// Inactive page cache, in bytes.
        public var inactiveFileBytes: UInt64
        /// Page cache below which nothing is probed (the cache's floor), in bytes above the inactive part's end.
        public var floorBytes: UInt64
        /// The refault counters.
        public var counters: RefaultCounters

        /// What the guest looks like.
        public init(
            now: UInt64, pressure: UInt32?, inactiveFileBytes: UInt64, floorBytes: UInt64 = 0,
            counters: RefaultCounters
        ) {
            self.now = now
            self.pressure = pressure
            self.inactiveFileBytes = inactiveFileBytes
            self.floorBytes = floorBytes
            self.counters = counters
        }
    }

    /// What to do.
    public enum Action: Sendable, Hashable {
        /// Reclaim so many bytes of page cache, then call `stepped`.
        case reclaim(bytes: UInt64)
        /// Nothing before this time, in nanoseconds.
        case wait(until: UInt64)
    }

    private struct Step: Hashable {
        var bytes: UInt64
        var at: UInt64
        var counters: RefaultCounters
    }

    /// Its bounds.
    public let bounds: Bounds
    /// What the next step takes, in bytes.
    public private(set) var stepBytes: UInt64
    /// Of the steps that were answered, how much came back lately, in thousandths; nil before the first answer.
    public private(set) var refaultedShare: UInt64?
    /// When the last answer came, in nanoseconds.
    public private(set) var answeredAt: UInt64?
    private var pause: UInt64
    private var notBefore: UInt64 = 0
    private var step: Step?

    /// A plan that has learnt nothing yet.
    public init(bounds: Bounds = Bounds()) {
        self.bounds = bounds
        stepBytes = bounds.smallestStep
        pause = bounds.watch
    }

    /// Takes in what happened since the last step, and says what to do.
    public mutating func next(_ inputs: Inputs) -> Action {
        if let step {
            let due = step.at.adding(bounds.watch)
            let returned = inputs.counters.since(step.counters).refaultedFile.multiplied(4096)
            // More than allowed is an answer at once.
            let isTooMuch = returned.scaled(1000, over: step.bytes) > bounds.refaultLimit
            guard isTooMuch || inputs.now >= due else { return .wait(until: due) }
            learn(step, returned, inputs.now)
        }
        guard inputs.now >= notBefore else { return .wait(until: notBefore) }
        // Without PSI nobody would notice harm in time.
        guard let pressure = inputs.pressure, pressure < bounds.pressureLimit else {
            stepBytes = max(stepBytes / 2, bounds.smallestStep)
            notBefore = inputs.now.adding(bounds.watch)
            return .wait(until: notBefore)
        }
        let room = inputs.inactiveFileBytes.less(inputs.floorBytes)
        let share = inputs.inactiveFileBytes.scaled(bounds.largestShare, over: 1000)
        let bytes = min(stepBytes, bounds.largestStep, share, room)
        guard bytes >= bounds.smallestStep else {
            notBefore = inputs.now.adding(bounds.watch)
            return .wait(until: notBefore)
        }
        return .reclaim(bytes: bytes)
    }

    /// A step was done.
    /// - Parameters:
    ///   - bytes: How much was reclaimed really; 0 where it failed.
    ///   - counters: The refault counters just before it.
    public mutating func stepped(bytes: UInt64, counters: RefaultCounters, now: UInt64) {
        guard bytes > 0 else {
            notBefore = now.adding(bounds.longestPause)
            return
        }
        step = Step(bytes: bytes, at: now, counters: counters)
    }

    private mutating func learn(_ step: Step, _ returned: UInt64, _ now: UInt64) {
        self.step = nil
        let share = min(returned.scaled(1000, over: step.bytes), 1000)
        // Half old, half new: one odd step does not overturn what was learnt.
        refaultedShare = refaultedShare.map { ($0 + share) / 2 } ?? share
        answeredAt = now
        if share > bounds.refaultLimit {
            stepBytes = max(stepBytes / 2, bounds.smallestStep)
            pause = min(pause.multiplied(2), bounds.longestPause)
        } else {
            stepBytes = min(stepBytes.adding(stepBytes / 2), bounds.largestStep)
            pause = bounds.watch / 4
        }
        notBefore = now.adding(pause)
    }

    /// How much of this much inactive page cache is likely cold, in bytes, as far as steps were answered within the
    /// last ten minutes; nil where nothing is known.
    public func coldBytes(ofInactive bytes: UInt64, now: UInt64) -> UInt64? {
        guard let refaultedShare, let answeredAt, now.less(answeredAt) <= 600_000_000_000 else { return nil }
        return bytes.scaled(UInt64(1000).less(refaultedShare), over: 1000)
    }
}
