import Wire

/// Steps that the governor takes account of, and what goes before them.
extension Governor {
    /// Like `mayInflate`, for a step that is begun if it is allowed: its rate, the time of populating and the history
    /// count from it.
    public mutating func permit(wanted: UInt64, inputs: GovernorInputs, now: UInt64) -> Permission {
        if let memory = inputs.memory { picture = memory }
        let verdict = judge(wanted: wanted, inputs: inputs, now: now)
        let available = inputs.availableBytes
        switch verdict.permission {
        case .allowed(let bytes):
            let rate = stepRate(now: now)
            if rate < .max { stepPace.take(bytes, rate: rate, now: now) }
            if verdict.fromCache > 0 {
                cachePace.take(verdict.fromCache, rate: verdict.cacheRate, now: now)
                cache.took(verdict.fromCache, configuration.cache, now: now)
            }
            pressureWatch.populated(now: now)
            history.note(.inflate, .noReason, bytes: bytes, available: available, now: now)
        case .refused(let refusal):
            if refusal.reason != .noReason {
                history.note(.refuse, refusal.reason, bytes: 0, available: available, now: now)
            }
        }
        return verdict.permission
    }

    /// Chunks are being populated, or were until now: the system's pressure does not count until one window later.
    /// `permit`, plans and samples with something in flight say it too.
    public mutating func populating(now: UInt64) { pressureWatch.populated(now: now) }

    // MARK: Reclaim and compaction

    /// What to do so that `wanted` bytes more can be taken from free memory; nil where nothing is to be done now. A plan
    /// counts as begun; its end is to be told, and meanwhile `reclaimMustStop` to be asked.
    public mutating func plan(wanted: UInt64, inputs: GovernorInputs, now: UInt64) -> ReclaimPlan? {
        guard let view = view(inputs, now: now), !reclaim.isRunning(now: now), isCalm(now: now) else { return nil }
        let limits = limits(inputs, view)
        guard refusal(limits, inputs, now: now) == nil else { return nil }
        let room = limits.reduce(wanted) { min($0, $1.room) }.wholeHugePages
        guard room > 0 else { return nil }
        let memory = inputs.memory ?? picture
        guard let plan = reclaimPlan(room, view, memory, now: now) ?? compactionPlan(room, view, memory, now: now)
        else { return nil }
        switch plan.action {
        case .reclaim(let bytes, _):
            reclaim.beginReclaim(bytes, configuration.reclaim, now: now)
            history.note(.reclaim, .noReason, bytes: bytes, available: inputs.availableBytes, now: now)
        case .compact:
            reclaim.beginCompaction(huge: memory?.hugeBlockBytes ?? 0, configuration.reclaim, now: now)
            history.note(.compact, .noReason, bytes: 0, available: inputs.availableBytes, now: now)
        }
        return plan
    }

    /// A reclaim step ended, having made `bytes` free.
    public mutating func reclaimed(_ bytes: UInt64, now: UInt64) {
        reclaim.reclaimed(bytes, now: now)
        // Whoever reclaims waits for memory in the kernel's eyes.
        pressureWatch.populated(now: now)
        cache.took(bytes, configuration.cache, now: now)
    }

    /// A compaction ended or was stopped. `hugeBlockBytes` is the free memory in blocks of 2 MiB and more now.
    public mutating func compacted(hugeBlockBytes: UInt64?, now: UInt64) {
        reclaim.compacted(
            huge: hugeBlockBytes, chunk: configuration.chunkBytes, configuration.reclaim, now: now)
        pressureWatch.populated(now: now)
    }

    /// Whether a reclaim step or a compaction that runs has to be stopped.
    public func reclaimMustStop(now: UInt64) -> Bool {
        pressureWatch.some(now: now) > configuration.reclaim.abortSome || trouble.lasts(now: now)
            || activity.isThrashing(configuration.pressure, now: now)
    }

    private func isCalm(now: UInt64) -> Bool {
        let some = pressureWatch.some(now: now)
        return (some == 0 || some < configuration.reclaim.calmSome) && !trouble.lasts(now: now)
    }

    /// Whether cold page cache can be reclaimed without anonymous memory going to swap with it.
    func canReclaim(_ memory: MemoryPicture?) -> Bool {
        let rules = configuration.reclaim
        return rules.support == .swappiness || rules.anonymous || (memory?.swapTotalBytes ?? 0) == 0
    }

    private func reclaimPlan(
        _ room: UInt64, _ view: CacheView, _ memory: MemoryPicture?, now: UInt64
    ) -> ReclaimPlan? {
        let rules = configuration.reclaim
        guard rules.support != .none, reclaim.mayReclaim(now: now) else { return nil }
        let need = room.less(view.free)
        guard need > 0, let memory else { return nil }
        let bound = min(
            max(configuration.memoryTotalBytes / 32, ByteSize.hugePage), ByteSize.gibibyte,
            cacheRate(known: view.ages != nil, now: now).scaled(max(rules.interval, 1), over: DurationText.second))
        let file = rules.cache ? min(need.adding(configuration.chunkBytes), bound, view.sellable).wholeHugePages : 0
        if file > 0, canReclaim(memory) {
            let age = DurationText.format(configuration.cache.coldAge)
            let kind = view.ages == nil ? "of unknown age" : "that is idle for \(age)"
            return ReclaimPlan(
                action: .reclaim(bytes: file, swappiness: rules.support == .swappiness ? 0 : nil),
                deadline: ReclaimBook.deadline,
                detail: "reclaiming \(ByteSize.format(file)) of \(ByteSize.format(view.sellable)) of page cache \(kind)"
            )
        }
        let anonymous = min(need, bound, sellableAnonymous(view, memory)).wholeHugePages
        guard file == 0, anonymous > 0, rules.support == .swappiness else { return nil }
        return ReclaimPlan(
            action: .reclaim(bytes: anonymous, swappiness: 200), deadline: ReclaimBook.deadline,
            detail: "writing \(ByteSize.format(anonymous)) of idle anonymous memory to swap")
    }

    private func compactionPlan(
        _ room: UInt64, _ view: CacheView, _ memory: MemoryPicture?, now: UInt64
    ) -> ReclaimPlan? {
        guard configuration.reclaim.compaction, reclaim.mayCompact(now: now), let huge = memory?.hugeBlockBytes
        else { return nil }
        let chunk = min(room, configuration.chunkBytes)
        // Two chunks must be free in all, else there is nothing to join.
        guard huge < chunk, view.free >= chunk.times(2) else { return nil }
        return ReclaimPlan(
            action: .compact, deadline: ReclaimBook.deadline,
            detail: "\(ByteSize.format(view.free)) are free above the reserve, but only \(ByteSize.format(huge)) in "
                + "blocks of 2 MiB")
    }

    /// Cold anonymous memory that may go to swap: only where that is wanted, its age is known, and half of the free
    /// swap is enough for it.
    func sellableAnonymous(_ view: CacheView, _ memory: MemoryPicture) -> UInt64 {
        guard configuration.reclaim.anonymous, configuration.reclaim.support == .swappiness, let ages = view.ages
        else { return 0 }
        let cold = ages.buckets.reduce(UInt64(0)) {
            $1.minimumIdle >= configuration.cache.coldAge ? $0.adding($1.anonymousBytes) : $0
        }
        return min(cold, memory.anonymousBytes, memory.swapFreeBytes / 2)
    }
}
