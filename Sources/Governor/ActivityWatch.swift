/// Rates of the kernel's counters that tell what memory costs the guest.
struct ActivityWatch: Sendable {
    /// What happened from one picture to the next.
    struct Interval {
        /// Length in nanoseconds.
        let time: UInt64
        /// File pages that came back.
        let refaults: UInt64
        /// Of these, more than usual.
        let unusualRefaults: UInt64
        /// Pages a second from swap, or anonymous pages that came back.
        let swapRate: UInt64
    }

    /// File refaults in pages a second, and what is usual for this guest.
    private(set) var refaultRate: UInt64 = 0
    private(set) var usualRate: UInt64 = 0
    /// Pages a second from swap, or anonymous pages that came back.
    private(set) var swapRate: UInt64 = 0
    private(set) var measuredAt: UInt64?

    private var reference: MemoryPicture?
    private var referenceAt: UInt64 = 0
    private var isFirst = true

    /// Shortest interval that rates are taken over, in nanoseconds.
    static let shortest = 250 * DurationText.millisecond

    /// The time over which a rate becomes usual, in nanoseconds.
    static let memory = 16 * DurationText.second

    /// Takes a picture. `learn` says that the guest goes its usual way: no page cache was taken of late.
    mutating func update(_ picture: MemoryPicture, learn: Bool, now: UInt64) -> Interval? {
        guard let before = reference else {
            (reference, referenceAt) = (picture, now)
            return nil
        }
        let time = now.less(referenceAt)
        guard time >= Self.shortest else { return nil }
        (reference, referenceAt) = (picture, now)
        let refaults = picture.refaultFilePages.less(before.refaultFilePages)
        let swapped = max(
            picture.refaultAnonymousPages.less(before.refaultAnonymousPages),
            picture.swappedInPages.less(before.swappedInPages))
        refaultRate = refaults.scaled(DurationText.second, over: time)
        swapRate = swapped.scaled(DurationText.second, over: time)
        measuredAt = now
        let usual = usualRate.scaled(time, over: DurationText.second)
        if learn {
            let weight = isFirst ? Self.memory : min(time, Self.memory)
            usualRate = usualRate.scaled(Self.memory - weight, over: Self.memory).adding(
                refaultRate.scaled(weight, over: Self.memory))
            isFirst = false
        }
        return Interval(
            time: time, refaults: refaults, unusualRefaults: refaults.less(usual.times(2)), swapRate: swapRate)
    }

    /// Whether the rates are of now.
    func isFresh(now: UInt64) -> Bool { measuredAt.map { now.less($0) <= PressureWatch.validity } ?? false }

    /// Whether file pages come back more than usual.
    func isRising(_ rules: PressureRules, now: UInt64) -> Bool {
        isFresh(now: now) && refaultRate > usualRate.times(2).adding(rules.risingPages)
    }

    /// Whether the guest is thrashing.
    func isThrashing(_ rules: PressureRules, now: UInt64) -> Bool {
        isFresh(now: now) && swapRate >= max(rules.thrashingPages, 1)
    }
}
