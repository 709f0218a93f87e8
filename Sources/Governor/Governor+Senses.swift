import Wire

/// What the agent tells the governor beside the cheap looks.
extension Governor {
    /// Judges a reading of PSI. Allocates nothing. Meant for at least one reading a window while the balloon grows or
    /// pressure lasts, and for `nextSense` otherwise: a trigger tells sooner.
    public mutating func observe(pressure: PressureReading, sample: Sample, now: UInt64) -> Decision {
        let rules = configuration.pressure
        if sample.populatingBytes > 0 || reclaim.isRunning(now: now) { pressureWatch.populated(now: now) }
        guard let measured = pressureWatch.update(pressure, rules, now: now) else { return .carryOn }
        if measured.some >= rules.inflateSome { caution.raise(by: 0, calmFrom: now, now: now) }
        if measured.full >= rules.releaseFull {
            return relieve(
                sample, .memoryPressure, measured: UInt64(measured.full), limit: UInt64(rules.releaseFull), now: now)
        }
        guard measured.some >= rules.releaseSome else { return .carryOn }
        return relieve(
            sample, .memoryPressure, measured: UInt64(measured.some), limit: UInt64(rules.releaseSome), now: now)
    }

    /// The kernel's own averages over 10 s, in hundredths of a percent, for a guest that was not observed lately, since
    /// its balloon was empty: they count until a measurement is there.
    public mutating func recall(some: UInt32, full: UInt32, now: UInt64) {
        pressureWatch.recall(some: some, full: full, now: now)
    }

    /// Judges a PSI trigger that fired. Allocates nothing. A trigger of the system that fires while we populate, or up
    /// to two windows later, is passed over.
    public mutating func observe(event: PressureEvent, sample: Sample, now: UInt64) -> Decision {
        let rules = configuration.pressure
        if sample.populatingBytes > 0 || reclaim.isRunning(now: now) { pressureWatch.populated(now: now) }
        guard pressureWatch.event(event, rules, now: now) else { return .carryOn }
        caution.raise(by: 0, calmFrom: now, now: now)
        let limit = UInt64(event.full ? rules.releaseFull : rules.releaseSome)
        return relieve(sample, .memoryPressure, measured: limit, limit: limit, now: now)
    }

    /// Judges what memory consists of: refaults, swap traffic, page cache that comes back. Meant for about one picture a
    /// second while the balloon grows or page cache was taken of late, and for `nextSense` otherwise.
    public mutating func observe(memory: MemoryPicture, sample: Sample, now: UInt64) -> Decision {
        picture = memory
        let isRecent = cache.isRecent(configuration.cache, now: now)
        guard let interval = activity.update(memory, learn: !isRecent, now: now) else { return .carryOn }
        let limit = cache.missLimit
        if let miss = cache.cameBack(interval.unusualRefaults, configuration.cache, now: now) {
            history.note(.protect, .refaults, bytes: miss.taken, available: memory.availableBytes, now: now)
            caution.raise(by: 1, calmFrom: now.adding(configuration.holdOff), now: now)
            if configuration.deflateOnOom == .pressure, sample.balloonBytes > 0 {
                return giveBack(sample, miss, limit: limit, now: now)
            }
        }
        guard activity.isThrashing(configuration.pressure, now: now) else { return .carryOn }
        caution.raise(by: 0, calmFrom: now, now: now)
        return relieve(
            sample, .thrashing, measured: interval.swapRate, limit: configuration.pressure.thrashingPages, now: now)
    }

    /// Another killer is about to end a program (systemd-oomd's prekill hook): everything goes back, unless the policy
    /// is `off`.
    public mutating func announcedKill(by killer: OtherKiller.Kind, sample: Sample, now: UInt64) -> Decision {
        guard configuration.deflateOnOom != .off, sample.balloonBytes > 0 else { return .carryOn }
        guard case .releaseEverything(var emergency) = everything(sample, .otherKiller, line: killers.close, now: now)
        else { return .carryOn }
        emergency.killer = killer
        return .releaseEverything(emergency)
    }

    /// A new measurement of the working set; nil where there is none any more.
    public mutating func learn(ages: IdleAges?) { cache.learn(ages) }

    /// Who else acts on low memory, with `availableBytes`, MemAvailable at the time of these numbers. Meant to be said
    /// again about once a second while the balloon is not empty, for killers that measure otherwise.
    public mutating func learn(killers: [OtherKiller], availableBytes: UInt64) {
        self.killers = KillerLine(killers, availableBytes: availableBytes)
    }

    /// Nanoseconds until pressure and memory should be observed again, and `ask` be called; nil where the next target
    /// or trigger is early enough: while no balloon, the VMM's device included, has anything.
    public func nextSense(after sample: Sample, now: UInt64) -> UInt64? {
        guard sample.balloonBytes > 0 || deviceBytes > 0 || asks.isStanding || trouble.lasts(now: now)
        else { return nil }
        let busy =
            sample.inFlightBytes > 0 || asks.isStanding || trouble.lasts(now: now)
            || pressureWatch.some(now: now) > 0 || cache.isRecent(configuration.cache, now: now)
            || activity.isRising(configuration.pressure, now: now)
            || pressureWatch.populatedWithin(configuration.cache.missWindow, now: now)
            || killers.near > 0
        return busy ? max(configuration.pressure.window, ActivityWatch.shortest) : 10 * DurationText.second
    }

    // MARK: Yielding in steps

    /// Whether somebody else will act soon.
    mutating func near(_ sample: Sample, now: UInt64) -> Decision {
        guard sample.availableBytes < killers.near else { return .carryOn }
        return relieve(
            sample, .otherKiller, measured: sample.availableBytes, limit: killers.near, killer: killers.nearKind,
            now: now)
    }

    /// One step of the ladder, where the policy wants one.
    private mutating func relieve(
        _ sample: Sample, _ reason: Reason, measured: UInt64, limit: UInt64, killer: OtherKiller.Kind? = nil,
        now: UInt64
    ) -> Decision {
        let balloon = sample.balloonBytes
        guard configuration.deflateOnOom == .pressure,
            let step = ladder.next(
                balloon: balloon, holders: configuration.holders, chunk: configuration.chunkBytes,
                window: configuration.pressure.window, persistence: configuration.holdOff, now: now)
        else { return .carryOn }
        return release(
            sample,
            Relief(
                reason: reason, bytes: step.bytes, balloonBytes: balloon, doublings: step.doublings, measured: measured,
                limit: limit, killer: killer), now: now)
    }

    private mutating func giveBack(
        _ sample: Sample, _ miss: (taken: UInt64, back: UInt64), limit: UInt64, now: UInt64
    ) -> Decision {
        let balloon = sample.balloonBytes
        let bytes = min(balloon, miss.taken.adding(ByteSize.hugePage - 1).wholeHugePages)
        return release(
            sample,
            Relief(
                reason: .refaults, bytes: bytes, balloonBytes: balloon, doublings: 0, measured: miss.back,
                limit: limit), now: now)
    }

    private mutating func release(_ sample: Sample, _ relief: Relief, now: UInt64) -> Decision {
        waiting.begin(for: configuration.holdOff, because: relief.reason, now: now)
        caution.raise(by: relief.doublings == 0 ? 2 : 1, calmFrom: now.adding(configuration.holdOff), now: now)
        trouble.note(relief.reason, bytes: relief.bytes, urgent: false, lasts: configuration.holdOff, now: now)
        pressureWatch.released(now: now)
        reliefCount = reliefCount.adding(1)
        history.note(.release, relief.reason, bytes: relief.bytes, available: sample.availableBytes, now: now)
        return .release(relief)
    }
}
