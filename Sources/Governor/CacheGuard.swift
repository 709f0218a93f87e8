/// Remembers what was taken from page cache, and what of it came back.
struct CacheGuard: Sendable {
    /// The last measurement of the working set.
    private(set) var ages: IdleAges?
    /// Cold page cache that was taken since that measurement, in bytes.
    private(set) var takenSinceAges: UInt64 = 0
    /// Page cache that was taken within the window of misses, in bytes.
    private(set) var recentlyTaken: UInt64 = 0

    private var takenAt: UInt64 = 0
    private var missedPages: UInt64 = 0
    private var raised: UInt64 = 0
    private var raisedUntil: UInt64 = 0
    /// Where nothing was taken at a known age so far, the time of the last miss: ages measured later know what came
    /// back as used, and would count it twice.
    private var missedBlindly: UInt64?

    /// How fast what was left alone becomes available again: half of it each minute.
    static let reprobe = DurationText.minute
    /// Fewer bytes that came back are no miss.
    static let leastMiss = 4 * ByteSize.mebibyte

    /// A new measurement; what was taken before is in it.
    mutating func learn(_ ages: IdleAges?) {
        guard ages != self.ages else { return }
        self.ages = ages
        takenSinceAges = 0
    }

    /// The measurement, where it can be relied on.
    func usableAges(_ rules: CacheRules, now: UInt64) -> IdleAges? {
        guard let ages, ages.confidence > .low, now.less(ages.measuredAt) <= rules.agesValid else { return nil }
        return ages
    }

    /// Page cache was taken.
    mutating func took(_ bytes: UInt64, _ rules: CacheRules, now: UInt64) {
        guard bytes > 0 else { return }
        expire(rules, now: now)
        takenSinceAges = takenSinceAges.adding(bytes)
        recentlyTaken = recentlyTaken.adding(bytes)
        takenAt = now
    }

    /// Whether page cache was taken so lately that refaults are blamed on it.
    func isRecent(_ rules: CacheRules, now: UInt64) -> Bool {
        recentlyTaken > 0 && now.less(takenAt) <= rules.missWindow
    }

    /// From how many bytes that came back what was taken counts as missed: a sixteenth part of it.
    var missLimit: UInt64 { max(Self.leastMiss, recentlyTaken / 16) }

    /// Pages came back. Where that makes what was taken a miss: the bytes to leave alone, four times those that came
    /// back, since more are on their way, but no more than were taken; and those that came back.
    mutating func cameBack(_ pages: UInt64, _ rules: CacheRules, now: UInt64) -> (taken: UInt64, back: UInt64)? {
        expire(rules, now: now)
        guard recentlyTaken > 0 else { return nil }
        missedPages = missedPages.adding(pages)
        let back = missedPages.times(4096)
        guard back >= missLimit else { return nil }
        let taken = min(recentlyTaken, back.times(4))
        let left = raisedBytes(rules, now: now)
        let isBlind = usableAges(rules, now: now) == nil && (left == 0 || missedBlindly != nil)
        missedBlindly = isBlind ? now : nil
        raised = left.adding(taken)
        raisedUntil = now.adding(rules.leaveAlone)
        recentlyTaken = recentlyTaken.less(taken)
        missedPages = 0
        return (taken, back)
    }

    /// What is left alone, in bytes.
    func raisedBytes(_ rules: CacheRules, now: UInt64) -> UInt64 {
        if let missedBlindly, let ages = usableAges(rules, now: now), ages.measuredAt > missedBlindly { return 0 }
        guard now >= raisedUntil else { return raised }
        let halvings = (now - raisedUntil) / Self.reprobe + 1
        return halvings < 64 ? raised >> halvings : 0
    }

    private mutating func expire(_ rules: CacheRules, now: UInt64) {
        if !isRecent(rules, now: now) { (recentlyTaken, missedPages) = (0, 0) }
    }
}
