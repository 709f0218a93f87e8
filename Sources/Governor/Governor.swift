public import Wire

/// The guest's own judgement: when the balloon must yield, and whether it may grow. Pure: no clock, no input or
/// output; `now` is a monotonic time in nanoseconds that never runs backwards.
///
/// Order of authority: out of memory and the watermark, the guest's floor, the hold-off, the host's target.
public struct Governor: Sendable {
    /// What does not change from look to look. The policy in it may be changed at run time.
    public var configuration: GovernorConfiguration {
        didSet { (watermark, floor) = (configuration.effectiveWatermark, configuration.effectiveFloor) }
    }

    /// The headroom watermark in bytes of MemAvailable.
    public private(set) var watermark: UInt64
    /// What must stay available after a step, in bytes of MemAvailable.
    public private(set) var floor: UInt64

    private var lastOOMKills: UInt64?
    private var releasing = false
    private var holdOffUntil: UInt64 = 0
    private var holdOffReason: Reason = .noReason
    private var heldUntil: UInt64 = 0

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
        if kills > 0 { holdOff(for: configuration.holdOffAfterOOM, because: .oomKill, now: now) }

        let balloon = sample.heldBytes.adding(sample.inFlightBytes)
        if balloon == 0 { releasing = false }
        guard configuration.deflateOnOom != .off, balloon > 0 else { return .carryOn }
        let low = sample.availableBytes < watermark
        guard low || kills > 0 else {
            // The distress has passed; what is still on its way back no longer belongs to it.
            releasing = false
            return .carryOn
        }
        if low { holdOff(for: configuration.holdOff, because: .watermark, now: now) }
        let again = releasing
        releasing = true
        return .releaseEverything(
            .init(
                reason: kills > 0 ? .oomKill : .watermark, availableBytes: sample.availableBytes,
                watermarkBytes: watermark, oomKills: kills, balloonBytes: balloon, again: again && kills == 0))
    }

    /// Nanoseconds until the next look is due; nil while the balloon is empty, when nobody needs to look.
    public func nextLook(after sample: Sample) -> UInt64? {
        guard sample.heldBytes > 0 || sample.inFlightBytes > 0 else { return nil }
        return Watermark.nextLook(
            availableBytes: sample.availableBytes, watermarkBytes: watermark, processors: configuration.processors,
            fillRate: configuration.fillRate)
    }

    private mutating func newOOMKills(_ counter: UInt64?) -> UInt64 {
        guard let counter else { return 0 }
        defer { lastOOMKills = counter }
        return lastOOMKills.map { counter.less($0) } ?? 0
    }

    // MARK: Holding off

    /// Forbids inflation for a time, in nanoseconds from `now`. A longer hold-off that runs already stays.
    public mutating func holdOff(for duration: UInt64, because reason: Reason, now: UInt64) {
        let until = now.adding(duration)
        guard until > holdOffUntil, duration > 0 else { return }
        holdOffUntil = until
        holdOffReason = reason
    }

    /// Nanoseconds of hold-off left; 0 where none runs.
    public func holdOffRemaining(now: UInt64) -> UInt64 { holdOffUntil.less(now) }

    /// The guest's administrator forbids inflation for a time in nanoseconds, `UInt64.max` for good.
    public mutating func hold(for duration: UInt64, now: UInt64) { heldUntil = now.adding(duration) }

    /// The guest's administrator allows inflation again.
    public mutating func endHold() { heldUntil = 0 }

    // MARK: Growing

    /// Whether the balloon may take `wanted` bytes now, in a step of at most one chunk.
    public func mayInflate(wanted: UInt64, inputs: GovernorInputs, now: UInt64) -> Permission {
        let limits = Limit.all(configuration, inputs)
        if let refusal = refusal(limits, inputs, now: now) { return .refused(refusal) }
        let room = limits.reduce(min(wanted, configuration.chunkBytes)) { min($0, $1.room) }.wholeHugePages
        guard room > 0 else {
            return .refused(
                Refusal(reason: .noReason, detail: "less than 2 MiB is wanted, the balloon's step", retryAfter: nil))
        }
        return .allowed(bytes: room)
    }

    /// Answers a target, which is the memory that the guest shall keep of `vmBytes`. `balloonBytes` is what the
    /// balloon has now, in flight included; giving back is always accepted.
    public func answer(
        target: UInt64, vmBytes: UInt64, balloonBytes: UInt64, inputs: GovernorInputs, now: UInt64
    ) -> Answer {
        let needed = vmBytes.less(target).wholeHugePages.less(balloonBytes)
        let accepted = Answer(outcome: .accepted, reachableBytes: target, reason: .noReason, detail: "")
        guard needed > 0 else { return accepted }

        let limits = Limit.all(configuration, inputs)
        if let refusal = refusal(limits, inputs, now: now) {
            return Answer(
                outcome: .refused, reachableBytes: vmBytes.less(balloonBytes), reason: refusal.reason,
                detail: refusal.detail)
        }
        // Every room is at least one step here, else it would have been refused.
        guard let tightest = limits.min(by: { $0.room.wholeHugePages < $1.room.wholeHugePages }),
            tightest.room.wholeHugePages < needed
        else { return accepted }
        return Answer(
            outcome: .partly, reachableBytes: vmBytes.less(balloonBytes.adding(tightest.room.wholeHugePages)),
            reason: tightest.reason, detail: tightest.detail)
    }

    /// The first thing in the order of authority that leaves no room for a step of 2 MiB.
    private func refusal(_ limits: [Limit], _ inputs: GovernorInputs, now: UInt64) -> Refusal? {
        if inputs.availableBytes < watermark {
            return Refusal(
                reason: .watermark,
                detail: "\(ByteSize.format(inputs.availableBytes)) available, below the watermark of "
                    + ByteSize.format(watermark), retryAfter: nil)
        }
        let full = limits.filter { $0.room < ByteSize.hugePage }
        if let floor = full.first, floor.reason == .floor {
            return Refusal(reason: .floor, detail: floor.detail, retryAfter: nil)
        }
        if let waiting = waiting(now: now) { return waiting }
        return full.first.map { Refusal(reason: $0.reason, detail: $0.detail, retryAfter: nil) }
    }

    private func waiting(now: UInt64) -> Refusal? {
        let holdOff = holdOffRemaining(now: now)
        if holdOff > 0 {
            let cause =
                switch holdOffReason {
                case .oomKill: "an OOM kill in the guest"
                case .watermark: "a release below the watermark"
                default: "a release (\(holdOffReason))"
                }
            return Refusal(
                reason: .holdOff, detail: "no inflation for another \(DurationText.format(holdOff)) after \(cause)",
                retryAfter: holdOff)
        }
        let hold = heldUntil.less(now)
        guard hold > 0 else { return nil }
        guard heldUntil < .max else {
            return Refusal(
                reason: .hold, detail: "the guest's administrator forbade inflation until further notice",
                retryAfter: nil)
        }
        return Refusal(
            reason: .hold,
            detail: "the guest's administrator forbade inflation for another \(DurationText.format(hold))",
            retryAfter: hold)
    }
}
