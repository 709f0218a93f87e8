import Balloon
import Governor
import Linux
import Sensors
import Wire

extension AgentLoop {
    /// One look at memory; nil where /proc cannot be read.
    func sample() -> Sample? {
        guard let memory = try? probe.memory() else { return nil }
        return Sample(
            availableBytes: memory.available, oomKills: nil, heldBytes: engine.heldBytes,
            inFlightBytes: engine.inFlightBytes, populatingBytes: engine.populatingBytes)
    }

    /// OOM kills since boot that the balloon may have to do with.
    private func oomKills(available: UInt64) -> UInt64? {
        guard let kills = try? probe.oomKills() else { return nil }
        let count = killCount.global(kills, memoryIsAmple: available / 2 > governor.watermark) {
            CgroupKills.limitHits(roots)
        }
        if count.newOfCgroups > 0 {
            log.notice("\(count.newOfCgroups) OOM kills at the memory limit of a cgroup; the balloon cannot help there")
        }
        return count.kills
    }

    /// Looks at memory if that is due, and releases everything where the governor says so. The orders to the holders go
    /// out first; nothing on the way to them allocates.
    func look(_ now: UInt64) {
        guard !engine.isEmpty else {
            nextLook = nil
            return
        }
        if let nextLook, now < nextLook { return }
        guard var sample = sample() else {
            nextLook = now + 100_000_000
            return
        }
        var decision = governor.observe(sample, now: now)
        if case .carryOn = decision {
            // This file costs the kernel some memory to print, so it comes second.
            sample.oomKills = oomKills(available: sample.availableBytes)
            decision = governor.observe(sample, now: now)
        }
        carryOut(decision, now)
        nextLook = governor.nextLook(after: sample).map { now + $0 }
        nextSense = governor.nextSense(after: sample, now: now).map { min(nextSense ?? .max, now + $0) }
    }

    /// Does what the governor decided.
    func carryOut(_ decision: Decision, _ now: UInt64) {
        switch decision {
        case .carryOn: return
        case .releaseEverything(let emergency):
            pool?.releaseAllHeld()
            FailPoint.hit("agent.emergency")
            // Said again at each look until the release is through: everything else can wait for that.
            if emergency.again { return }
            yielded(emergency, now)
        case .release(let relief): yielded(relief, now)
        }
        nextSense = min(nextSense ?? .max, now)
    }

    /// What follows an emergency once the orders are out.
    private func yielded(_ emergency: Decision.Emergency, _ now: UInt64) {
        let (bytes, actions) = engine.releaseEverything(emergency.reason, ordered: true)
        perform(actions)
        emergencyReleases += 1
        for holder in engine.livingHolders { releaseDeadlines[holder] = now + 500_000_000 }
        nextGrow = now
        if emergency.reason == .oomKill { tell(.oomKillSeen, emergency.reason, bytes, emergency.detail) }
        if emergency.reason == .otherKiller { tell(.otherKillerNear, emergency.reason, bytes, emergency.detail) }
        tell(.emergencyRelease, emergency.reason, bytes, emergency.detail)
        schedule.noticed(now: now)
        considerAsk(now)
    }

    /// A part goes back: programs wait, and the balloon is the first to yield.
    private func yielded(_ relief: Relief, _ now: UInt64) {
        let (bytes, actions) = engine.release(relief.bytes, relief.reason)
        perform(actions)
        nextGrow = now
        let kind: Event.Kind =
            switch relief.reason {
            case .refaults: .cacheProtected
            case .otherKiller: .otherKillerNear
            default: .pressureRelease
            }
        tell(kind, relief.reason, bytes, relief.detail)
        schedule.noticed(now: now)
        considerAsk(now)
    }

    /// A holder that did not release in time is killed: its memory comes back all the same, but for what is in flight.
    func enforceReleases(_ now: UInt64) {
        for (holder, deadline) in releaseDeadlines where now >= deadline {
            releaseDeadlines[holder] = nil
            guard engine.bytes(ofHolder: holder) > 0 else { continue }
            log.error("holder \(holder) did not release in time and is killed")
            pool?.kill(holder)
        }
    }

    /// What the governor wants to know before a step. `whole`: what memory consists of as well, in any case.
    func inputs(whole: Bool = false) -> GovernorInputs? {
        let now = BoottimeClock.now()
        if !whole, now < unlimitedUntil, let memory = try? probe.memory() {
            return GovernorInputs(
                availableBytes: memory.available, unpopulatedBytes: engine.populatingBytes,
                unpinnedBytes: engine.populatingBytes)
        }
        guard let inputs = allInputs() else { return nil }
        let isUnlimited = !inputs.zones.restrictPins && inputs.cgroupHeadroomBytes == nil && inputs.commit == nil
        unlimitedUntil = isUnlimited ? now + Self.limitsPeriod : 0
        return inputs
    }

    /// Everything that may limit a step, which takes as long to read as a fifth of a chunk takes to build.
    private func allInputs() -> GovernorInputs? {
        guard let memory = try? MemoryInfo.read(roots) else { return nil }
        var inputs = GovernorInputs(
            availableBytes: memory.available, unpopulatedBytes: engine.populatingBytes,
            unpinnedBytes: engine.populatingBytes)
        let zones = try? ZoneInfo.read(roots)
        if let zones { inputs.zones = zones.zones.map(Self.zone) }
        inputs.memory = senses.picture(memory, zones)
        if let path = pool?.cgroupPath ?? CgroupLimits.path(ofProcess: nil, roots: roots) {
            inputs.cgroupHeadroomBytes = CgroupLimits.read(path, roots: roots).headroomBytes
        }
        if OvercommitMode.read(roots) == .strict {
            inputs.commit = .init(limitBytes: memory.commitLimit, committedBytes: memory.committed)
        }
        return inputs
    }

    private static func zone(_ zone: ZoneInfo.Zone) -> ZoneState {
        ZoneState(
            name: zone.name, managedBytes: zone.managed, freeBytes: zone.free, freeCMABytes: zone.freeCMA,
            cmaBytes: zone.cma, inactiveFileBytes: zone.inactiveFile, activeFileBytes: zone.activeFile,
            highBytes: zone.high, reserveBytes: zone.reserve)
    }

    /// Starts chunks while the target asks for them and the governor allows it.
    func grow(_ now: UInt64) {
        nextGrow = .max
        perform(engine.nextReoffer())
        if engine.isEmpty, engine.wantedChunk() > 0 { catchUp(now) }
        while engine.wantedChunk() > 0, hasRoomToBuild {
            if engine.refusalsInARow >= 5 {
                let result = engine.lastRefusal
                setLimit(
                    .hostRefused,
                    "the host turned the last \(engine.refusalsInARow) chunks down: \(result?.status.name ?? "") "
                        + (result?.detail ?? ""))
                nextGrow = now + 10_000_000_000
                engine.forgiveRefusals()
                return
            }
            guard let inputs = inputs() else {
                nextGrow = now + 1_000_000_000
                return
            }
            if makeRoom(inputs, now) {
                nextGrow = now + 1_000_000_000
                return
            }
            switch governor.permit(wanted: engine.wantedChunk(), inputs: inputs, now: now) {
            case .refused(let refusal):
                setLimit(refusal.reason, refusal.detail)
                waitAfter(refusal, now)
                return
            case .allowed(let bytes):
                emptyRefusals = 0
                guard ensureHolders() else {
                    nextGrow = now + 1_000_000_000
                    return
                }
                let actions = engine.build(bytes: bytes)
                if actions.isEmpty { return }
                lostOrder = false
                perform(actions)
                if lostOrder {
                    nextGrow = now + 1_000_000_000
                    return
                }
                nextLook = min(nextLook ?? .max, now)
                governor.populating(now: now)
            }
        }
        if let wanted = engine.wantedBytes, engine.heldBytes >= wanted {
            setLimit(.noReason, "")
            if wanted > 0, isInflating { tell(.inflated, .requested, engine.heldBytes, "") }
            isInflating = false
        } else if engine.wantedBytes != nil {
            isInflating = true
        }
    }

    /// When to try again. What ends at a known time is waited for; while the balloon is empty the rest is tried ever
    /// more seldom, so that a target that cannot be met does not keep an idle guest awake.
    private func waitAfter(_ refusal: Refusal, _ now: UInt64) {
        let known = refusal.retryAfter
        switch refusal.reason {
        case .hold, .holdOff, .bootGrace:
            // Whoever ends a hold lets the balloon grow at once.
            nextGrow = now.addingSafely(max(50_000_000, known ?? 3_600_000_000_000))
            return
        default: break
        }
        var wait = max(50_000_000, min(known ?? 1_000_000_000, 5_000_000_000))
        if engine.isEmpty {
            emptyRefusals += 1
            wait = min(wait << UInt64(min(emptyRefusals / 16, 10)), max(wait, 60_000_000_000))
        }
        nextGrow = now + wait
        nextSense = min(nextSense ?? .max, now + max(wait, 1_000_000_000))
    }

    /// Whether another chunk may be populated beside those that are: no more than there are processors, which the
    /// guest's own programs have first (holders are nice). What is on its way to the host needs none, so all slots are
    /// used nevertheless.
    private var hasRoomToBuild: Bool {
        engine.populatingBytes < UInt64(max(1, facts.processors)) * configuration.chunkBytes
    }

    /// Nobody looked while the balloon was empty: an OOM kill of that time starts the hold-off, and is not taken for
    /// one of the balloon's making later. Other killers are known before the first step.
    private func catchUp(_ now: UInt64) {
        learnKillers(now)
        let averages = PressureSensor.read(roots)
        if averages.available {
            governor.recall(
                some: averages.some?.average10Seconds ?? 0, full: averages.full?.average10Seconds ?? 0, now: now)
        }
        guard var sample = sample() else { return }
        sample.oomKills = oomKills(available: sample.availableBytes)
        _ = governor.observe(sample, now: now)
    }

    /// Offers pages of held chunks again that the kernel has moved meanwhile.
    func audit(_ now: UInt64) {
        nextAudit = configuration.auditPeriod == 0 ? nil : now + configuration.auditPeriod
        guard controller != nil, engine.isIdle else { return }
        engine.reoffer(engine.restingChunks, onlyMoved: true)
        nextGrow = min(nextGrow, now)
    }
}
