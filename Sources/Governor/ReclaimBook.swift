/// What was reclaimed and compacted, and whether it is worth going on.
struct ReclaimBook: Sendable {
    /// Bytes that were made free.
    private(set) var bytes: UInt64 = 0
    /// Compactions that ended.
    private(set) var compactions: UInt64 = 0

    private var runningUntil: UInt64 = 0
    private var asked: UInt64 = 0
    private var nextReclaim: UInt64 = 0
    private var poor = 0
    private var stuckUntil: UInt64 = 0
    private var nextCompaction: UInt64 = 0
    private var compactionWait: UInt64 = 0
    private var hugeBefore: UInt64 = 0

    /// After so many steps that gained less than half of what they should, reclaim rests for a minute.
    static let patience = 3
    /// The time a plan may take, in nanoseconds.
    static let deadline = 30 * DurationText.second

    func isRunning(now: UInt64) -> Bool { now < runningUntil }
    func mayReclaim(now: UInt64) -> Bool { now >= nextReclaim && now >= stuckUntil }
    func mayCompact(now: UInt64) -> Bool { now >= nextCompaction }

    /// Whether page cache is reclaimed before the balloon takes it.
    func comesFirst(_ rules: ReclaimRules, now: UInt64) -> Bool {
        rules.cache && rules.support != .none && now >= stuckUntil
    }

    mutating func beginReclaim(_ bytes: UInt64, _ rules: ReclaimRules, now: UInt64) {
        asked = bytes
        runningUntil = now.adding(Self.deadline)
        nextReclaim = now.adding(rules.interval)
    }

    mutating func reclaimed(_ gained: UInt64, now: UInt64) {
        runningUntil = 0
        bytes = bytes.adding(gained)
        guard gained < asked / 2 else {
            poor = 0
            return
        }
        poor += 1
        guard poor >= Self.patience else { return }
        poor = 0
        stuckUntil = now.adding(DurationText.minute)
    }

    mutating func beginCompaction(huge: UInt64, _ rules: ReclaimRules, now: UInt64) {
        hugeBefore = huge
        compactionWait = max(compactionWait, rules.compactionInterval)
        runningUntil = now.adding(Self.deadline)
        nextCompaction = now.adding(compactionWait)
    }

    /// A compaction that gained less than a chunk makes the next one wait twice as long.
    mutating func compacted(huge: UInt64?, chunk: UInt64, _ rules: ReclaimRules, now: UInt64) {
        runningUntil = 0
        compactions = compactions.adding(1)
        let poor = huge.map { $0.less(hugeBefore) < chunk } ?? true
        compactionWait = poor ? min(compactionWait.times(2), DurationText.hour) : rules.compactionInterval
        nextCompaction = now.adding(compactionWait)
    }
}
