public import Wire

/// The guest's own judgement: when the balloon must yield, whether it may grow, what the guest can give and what it
/// asks for. Pure: no clock, no input or output; `now` is a monotonic time in nanoseconds that never runs backwards.
///
/// Order of authority: out of memory and the watermark, pressure, the guest's floor, hold-offs, the host's target.
public struct Governor: Sendable {
    /// What does not change from look to look. The policy in it may be changed at run time.
    public var configuration: GovernorConfiguration {
        didSet { (watermark, floor) = (configuration.effectiveWatermark, configuration.effectiveFloor) }
    }

    /// The headroom watermark in bytes of MemAvailable.
    public private(set) var watermark: UInt64
    /// What must stay available after a step, in bytes of MemAvailable. Page cache in use and other killers may ask for
    /// more than that.
    public private(set) var floor: UInt64

    var waiting = HoldOff()
    var pressureWatch = PressureWatch()
    var ladder = ReliefLadder()
    var caution = Caution()
    var stepPace = Pace()
    var cachePace = Pace()
    var activity = ActivityWatch()
    var cache = CacheGuard()
    var killers = KillerLine()
    var trouble = Trouble()
    var reclaim = ReclaimBook()
    var asks = AskBook()
    var history = StepHistory()
    var picture: MemoryPicture?
    var reliefCount: UInt64 = 0
    /// What the VMM's own device had taken when that was told last, in bytes.
    var deviceBytes: UInt64 = 0

    private var lastOOMKills: UInt64?
    private var releasing = false

    /// A governor that has seen nothing yet.
    public init(configuration: GovernorConfiguration) {
        self.configuration = configuration
        watermark = configuration.effectiveWatermark
        floor = configuration.effectiveFloor
    }

    // MARK: Yielding

    /// Judges one look at the guest's memory. Allocates nothing.
    ///
    /// The first look only remembers the count of OOM kills. A kill starts the long hold-off under every policy; the
    /// balloon is released only where the policy says so.
    public mutating func observe(_ sample: Sample, now: UInt64) -> Decision {
        let kills = newOOMKills(sample.oomKills)
        if kills > 0 {
            waiting.begin(for: configuration.holdOffAfterOOM, because: .oomKill, now: now)
            caution.raise(by: 1, calmFrom: now.adding(configuration.holdOffAfterOOM), now: now)
            trouble.note(.oomKill, bytes: 0, urgent: true, lasts: configuration.holdOffAfterOOM, now: now)
        }
        let balloon = sample.balloonBytes
        if balloon == 0 { releasing = false }
        guard configuration.deflateOnOom != .off, balloon > 0 else { return .carryOn }
        let low = sample.availableBytes < watermark
        let killed = sample.availableBytes < killers.close
        guard low || kills > 0 || killed else {
            // The distress has passed; what is still on its way back no longer belongs to it.
            releasing = false
            return near(sample, now: now)
        }
        if !low && kills == 0 { return everything(sample, .otherKiller, line: killers.close, now: now) }
        return everything(sample, kills > 0 ? .oomKill : .watermark, line: watermark, kills: kills, low: low, now: now)
    }

    /// Everything goes back.
    mutating func everything(
        _ sample: Sample, _ reason: Reason, line: UInt64, kills: UInt64 = 0, low: Bool = true, now: UInt64
    ) -> Decision {
        let balloon = sample.balloonBytes
        let again = releasing && kills == 0
        releasing = true
        // A kill has begun its own.
        let holdOffReason = reason == .oomKill ? .watermark : reason
        if low { waiting.begin(for: configuration.holdOff, because: holdOffReason, now: now) }
        let lasts = reason == .oomKill ? configuration.holdOffAfterOOM : configuration.holdOff
        trouble.note(reason, bytes: again ? 0 : balloon, urgent: true, lasts: lasts, now: now)
        pressureWatch.released(now: now)
        if !again {
            caution.raise(by: 2, calmFrom: now.adding(configuration.holdOff), now: now)
            history.note(
                .releaseEverything, reason, bytes: balloon, available: sample.availableBytes, now: now)
        }
        return .releaseEverything(
            .init(
                reason: reason, availableBytes: sample.availableBytes, watermarkBytes: line, oomKills: kills,
                balloonBytes: balloon, again: again, killer: reason == .otherKiller ? killers.closeKind : nil))
    }

    /// Nanoseconds until the next look is due; nil while the balloon is empty, when nobody needs to look.
    public func nextLook(after sample: Sample) -> UInt64? {
        guard sample.balloonBytes > 0 else { return nil }
        return Watermark.nextLook(
            availableBytes: sample.availableBytes, watermarkBytes: max(watermark, killers.near),
            processors: configuration.processors, fillRate: configuration.fillRate)
    }

    private mutating func newOOMKills(_ counter: UInt64?) -> UInt64 {
        guard let counter else { return 0 }
        defer { lastOOMKills = counter }
        return lastOOMKills.map { counter.less($0) } ?? 0
    }

    // MARK: Holding off

    /// Forbids inflation for a time, in nanoseconds from `now`. A longer hold-off that runs already stays.
    public mutating func holdOff(for duration: UInt64, because reason: Reason, now: UInt64) {
        waiting.begin(for: duration, because: reason, now: now)
    }

    /// The hold-off that runs, with its end; nil where none does.
    public func holdOff(now: UInt64) -> (reason: Reason, until: UInt64)? {
        let left = waiting.remaining(now: now)
        return left > 0 ? (waiting.reason, now.adding(left)) : nil
    }

    /// Nanoseconds of hold-off left; 0 where none runs.
    public func holdOffRemaining(now: UInt64) -> UInt64 { waiting.remaining(now: now) }

    /// The guest's administrator forbids inflation for a time in nanoseconds, `UInt64.max` for good; 0 allows it again.
    public mutating func hold(for duration: UInt64, now: UInt64) { waiting.hold(for: duration, now: now) }

    /// The guest's administrator allows inflation again.
    public mutating func endHold() { waiting.hold(for: 0, now: 0) }

    /// Nanoseconds of the administrator's hold left; 0 where none runs, `UInt64.max` for good.
    public func holdRemaining(now: UInt64) -> UInt64 { waiting.holdRemaining(now: now) }

    /// Nanoseconds of boot grace left; 0 where `now` does not count from boot.
    public func bootGraceRemaining(now: UInt64) -> UInt64 { configuration.bootGrace.less(now) }
}
