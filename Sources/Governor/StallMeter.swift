/// The share of time in which tasks waited, over one window at a time.
struct StallMeter: Sendable {
    /// Hundredths of a percent, as last measured.
    private(set) var some: UInt32 = 0
    private(set) var full: UInt32 = 0
    /// When that was; nil before the first measurement.
    private(set) var measuredAt: UInt64?

    private var reference: Stall?
    private var referenceAt: UInt64 = 0

    /// A share of a time too long ago says nothing about now.
    static let longest = 30 * DurationText.second

    /// Takes a reading; true where a window is complete with it.
    mutating func update(_ stall: Stall, window: UInt64, now: UInt64) -> Bool {
        guard let before = reference else {
            restart(stall, now: now)
            return false
        }
        let time = now.less(referenceAt)
        guard time >= max(window, 1) else { return false }
        let shares = Self.shares(before, stall, time: time)
        restart(stall, now: now)
        guard time <= max(Self.longest, window) else { return false }
        (some, full, measuredAt) = (shares.some, shares.full, now)
        return true
    }

    /// Shares since the window began, complete or not; nil before a tenth of it.
    func soFar(_ stall: Stall, window: UInt64, now: UInt64) -> UInt32? {
        let time = now.less(referenceAt)
        guard let reference, time >= max(window / 10, 1) else { return nil }
        return Self.shares(reference, stall, time: time).some
    }

    /// A new window begins with this reading, or with the next one.
    mutating func restart(_ stall: Stall?, now: UInt64) {
        reference = stall
        referenceAt = now
    }

    /// The next window begins no sooner than `now`.
    mutating func forget(now: UInt64) {
        if referenceAt < now { restart(nil, now: now) }
    }

    /// A trigger of the kernel has measured for us.
    mutating func triggered(some: UInt32, full: UInt32, now: UInt64) {
        self.some = max(some, isFresh(now: now, validity: DurationText.second) ? self.some : 0)
        self.full = max(full, isFresh(now: now, validity: DurationText.second) ? self.full : 0)
        measuredAt = now
    }

    /// Whether the last measurement is younger than `validity`.
    func isFresh(now: UInt64, validity: UInt64) -> Bool { measuredAt.map { now.less($0) <= validity } ?? false }

    private static func shares(_ old: Stall, _ new: Stall, time: UInt64) -> (some: UInt32, full: UInt32) {
        func share(_ old: UInt64, _ new: UInt64) -> UInt32 {
            UInt32(min(new.less(old).times(1000).scaled(10_000, over: time), 10_000))
        }
        return (
            share(old.someMicroseconds, new.someMicroseconds), share(old.fullMicroseconds, new.fullMicroseconds)
        )
    }
}
