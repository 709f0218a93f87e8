import Wire

/// Whether the balloon may grow, and how far.
extension Governor {
    /// Whether the balloon may take `wanted` bytes now, in a step of at most one chunk. `permit` asks the same for a
    /// step that is then begun.
    public func mayInflate(wanted: UInt64, inputs: GovernorInputs, now: UInt64) -> Permission {
        judge(wanted: wanted, inputs: inputs, now: now).permission
    }

    /// Answers a target, which is the memory that the guest shall keep of `vmBytes`. `balloonBytes` is what the
    /// balloon has now, in flight included; giving back is always accepted. What is taken slowly counts as reachable.
    public func answer(
        target: UInt64, vmBytes: UInt64, balloonBytes: UInt64, inputs: GovernorInputs, now: UInt64
    ) -> Answer {
        let needed = vmBytes.less(target).wholeHugePages.less(balloonBytes)
        let accepted = Answer(outcome: .accepted, reachableBytes: target, reason: .noReason, detail: "")
        guard needed > 0 else { return accepted }

        let limits = grants(inputs, now: now)
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

    // MARK: One step

    /// A permission with what it costs.
    struct Verdict {
        let permission: Permission
        /// The part of the step that page cache has to make room for, in bytes.
        var fromCache: UInt64 = 0
        /// The rate at which page cache of that kind is taken, in bytes a second.
        var cacheRate = UInt64.max
    }

    func judge(wanted: UInt64, inputs: GovernorInputs, now: UInt64) -> Verdict {
        let view = view(inputs, now: now)
        let limits = limits(inputs, view)
        if let refusal = refusal(limits, inputs, now: now) { return Verdict(permission: .refused(refusal)) }
        let room = limits.reduce(min(wanted, configuration.chunkBytes)) { min($0, $1.room) }.wholeHugePages
        guard room > 0 else {
            return .refused(.noReason, "less than 2 MiB is wanted, the balloon's step", after: nil)
        }
        let rate = stepRate(now: now)
        let wait = rate < .max ? stepPace.wait(now: now) : 0
        if wait > 0 { return slowed(rate, wait, now: now) }
        guard let view, view.free < room else { return Verdict(permission: .allowed(bytes: room)) }
        return fromCache(room, view, inputs.memory ?? picture, now: now)
    }

    /// A step that free memory alone cannot bear.
    private func fromCache(_ room: UInt64, _ view: CacheView, _ memory: MemoryPicture?, now: UInt64) -> Verdict {
        // Small steps from what is free would only make small chunks; a quarter of one is worth it.
        let free = view.free.wholeHugePages
        let worthwhile = free >= max(configuration.chunkBytes / 4, ByteSize.hugePage)
        let small = Verdict(permission: .allowed(bytes: min(free, room)))
        let part = min(room, view.free.adding(view.sellable)).wholeHugePages
        guard part > free else {
            if free > 0 { return small }
            return .refused(
                .cacheFloor,
                "no memory is free above the reserve of \(ByteSize.format(view.reserve)), and no page cache is idle",
                after: DurationText.second)
        }
        if reclaim.comesFirst(configuration.reclaim, now: now), canReclaim(memory) {
            if worthwhile { return small }
            return .refused(.cacheFloor, "idle page cache is reclaimed first", after: DurationText.second / 4)
        }
        let rate = cacheRate(known: view.ages != nil, now: now)
        let wait = cachePace.wait(now: now)
        if wait > 0 {
            if worthwhile { return small }
            let kind = view.ages == nil ? "page cache of unknown age" : "idle page cache"
            return .refused(.cacheFloor, "\(kind) is taken at \(ByteSize.format(rate)) a second", after: wait)
        }
        return Verdict(permission: .allowed(bytes: part), fromCache: part.less(view.free), cacheRate: rate)
    }

    private func slowed(_ rate: UInt64, _ wait: UInt64, now: UInt64) -> Verdict {
        let some = pressureWatch.some(now: now)
        if some > 0 {
            return .refused(
                .memoryPressure,
                "programs wait for memory \(Percent.format(UInt64(some))) of the time, so the balloon grows by "
                    + "\(ByteSize.format(rate)) a second", after: wait)
        }
        return .refused(.holdOff, "after a release the balloon grows by \(ByteSize.format(rate)) a second", after: wait)
    }

    // MARK: Rates

    /// The rate at which the balloon may grow now, in bytes a second; `UInt64.max` without a limit, 0 while pressure
    /// forbids it. Page cache may be taken more slowly.
    public func stepRate(now: UInt64) -> UInt64 {
        let calm = calmness(now: now)
        if calm.isWhole { return .max }
        let base = configuration.inflateRate ?? max(configuration.memoryTotalBytes / 4, 64 * ByteSize.mebibyte)
        return calm.applied(to: base)
    }

    /// The rate at which page cache is taken, in bytes a second.
    func cacheRate(known: Bool, now: UInt64) -> UInt64 {
        let total = configuration.memoryTotalBytes
        let unknown = configuration.cache.unknownRate ?? min(max(total / 32, 4 * ByteSize.mebibyte), ByteSize.gibibyte)
        let base = known ? max(configuration.inflateRate ?? total / 8, unknown) : unknown
        return max(calmness(now: now).applied(to: base), 1)
    }

    /// How much of a rate pressure and caution leave.
    private func calmness(now: UInt64) -> Calmness {
        Calmness(
            pressure: pressureWatch.some(now: now), limit: configuration.pressure.inflateSome,
            halvings: caution.halvings(now: now))
    }

    // MARK: Bounds

    func limits(_ inputs: GovernorInputs, _ view: CacheView?) -> [Limit] {
        Limit.all(configuration, inputs, view, killers)
    }

    /// The bounds of what the guest can give in time: as above, with the anonymous memory that may go to swap.
    func grants(_ inputs: GovernorInputs, now: UInt64) -> [Limit] {
        guard let view = view(inputs, now: now) else { return limits(inputs, nil) }
        var later = inputs
        if let memory = inputs.memory ?? picture {
            later.availableBytes = later.availableBytes.adding(sellableAnonymous(view, memory))
        }
        return limits(later, view)
    }

    /// What page cache is worth, where a picture of memory is at hand.
    func view(_ inputs: GovernorInputs, now: UInt64) -> CacheView? {
        if let memory = inputs.memory { return CacheView(memory, cache, configuration, inputs, now: now) }
        guard var memory = picture else { return nil }
        memory.freeBytes = memory.freeBytes.less(memory.availableBytes.less(inputs.availableBytes))
        memory.availableBytes = inputs.availableBytes
        return CacheView(memory, cache, configuration, inputs, now: now)
    }
}

extension Governor.Verdict {
    /// No step.
    static func refused(_ reason: Reason, _ detail: String, after time: UInt64?) -> Self {
        Self(permission: .refused(Refusal(reason: reason, detail: detail, retryAfter: time)))
    }
}
