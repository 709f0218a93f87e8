import Balloon
import Governor
import Linux
import Sensors
import SystemPackage
import Wire

extension AgentLoop {
    /// Looks at pressure and at what memory consists of, as often as the governor wants it.
    func sense(_ now: UInt64) {
        guard let sample = sample() else {
            nextSense = now + 10_000_000_000
            return
        }
        // Whoever reclaims for us waits in the agent's cgroup: then the holders' alone is not all of our own waiting.
        if let pressure = senses.pressure(holders: reclaim == nil ? holdersCgroup : nil) {
            carryOut(governor.observe(pressure: pressure, sample: sample, now: now), now)
        }
        if let memory = try? MemoryInfo.read(roots) {
            let picture = senses.picture(memory, try? ZoneInfo.read(roots))
            learnKillers(now)
            carryOut(governor.observe(memory: picture, sample: sample, now: now), now)
        }
        learnAges(now)
        watchForLeaks(now)
        considerAsk(now)
        nextSense = governor.nextSense(after: sample, now: now).map { now + $0 }
        updateTriggers()
    }

    /// Tells the governor who else in the guest acts on low memory.
    func learnKillers(_ now: UInt64) {
        let (killers, available) = senses.otherKillers(now: now)
        governor.learn(killers: killers, availableBytes: available)
    }

    /// A PSI trigger fired, or its source is gone.
    func pressureRose(_ fired: PressureEvent, _ event: Epoll.Event) {
        guard !event.readiness.contains(.error) else {
            senses.closeTrigger(event.token, epoll)
            return
        }
        let now = BoottimeClock.now()
        guard let sample = sample() else { return }
        carryOut(governor.observe(event: fired, sample: sample, now: now), now)
        schedule.noticed(now: now)
        nextSense = min(nextSense ?? .max, now)
    }

    /// Triggers are set only while there is something that could yield: with an empty balloon nothing wakes the agent.
    func updateTriggers() {
        let wanted = !engine.isEmpty && policies.policies.deflateOnOom == .pressure
        if wanted, !senses.hasTriggers {
            senses.openTriggers(epoll, log: log, token: newToken)
        } else if !wanted, senses.hasTriggers {
            senses.closeTriggers(epoll)
        }
    }

    /// The cgroup that all holders are in and nothing else; nil where they have none to themselves.
    private var holdersCgroup: String? {
        let names = pool?.cgroupPath?.split(separator: "/") ?? []
        guard let place = names.firstIndex(of: configuration.holderSlice[...]) else { return nil }
        return "/" + names[...place].joined(separator: "/")
    }

    /// Tells the governor how old memory is, where the balloon could take some of it.
    private func learnAges(_ now: UInt64) {
        considerWorkingSet(now)
        governor.learn(ages: workingSet.ages(now: now))
    }

    /// Measuring goes on only while somebody needs it.
    func considerWorkingSet(_ now: UInt64) {
        workingSet.isNeeded(engine.wantedBytes ?? 0 > 0 || !engine.isEmpty, now: now, log: log)
    }

    /// Demand that only grows is told once an hour.
    func watchForLeaks(_ now: UInt64) {
        for leak in senses.newLeaks(heldBytes: engine.heldBytes, now: now) {
            tell(.leakSuspected, .leak, leak.grownBytes, leak.detail, cgroup: leak.cgroup)
        }
    }

    // MARK: systemd-oomd

    func listenForOomd() {
        guard !configuration.oomdHook.isEmpty else { return }
        do throws(LinuxError) {
            guard let hook = try PrekillServer.listen(at: FilePath(configuration.oomdHook)) else { return }
            try epoll.add(hook.descriptor, for: .readable, token: Token.oomdHook)
            oomdHook = hook
        } catch {
            log.warning("systemd-oomd cannot tell the agent before it kills: \(error)")
        }
    }

    /// systemd-oomd is about to end a cgroup, which nothing stops: what the balloon holds helps those who would be next.
    func oomdWillKill(_ cgroup: String) {
        let now = BoottimeClock.now()
        let held = engine.heldBytes
        if let sample = sample() {
            carryOut(governor.announcedKill(by: .systemdOomd, sample: sample, now: now), now)
        }
        journal.record(
            JournalEvent(.oomdWillKill, "systemd-oomd is about to kill \(cgroup)", bytes: held, cgroup: cgroup))
    }

    // MARK: Asking

    /// Tells the host what the guest needs, where that changed.
    func considerAsk(_ now: UInt64) {
        guard let memory = try? probe.memory() else { return }
        let counters = try? VMStat.read(roots)
        let inputs = AskInputs(
            availableBytes: memory.available, balloonBytes: engine.heldBytes &+ engine.inFlightBytes,
            targetBytes: target?.targetBytes, vmBytes: target?.vmBytes ?? vmBytes,
            deviceBytes: AskInputs.deviceBytes(
                inflatedPages: counters?.balloonInflated, deflatedPages: counters?.balloonDeflated,
                vmBytes: target?.vmBytes ?? vmBytes, memoryTotalBytes: memory.total))
        guard let wanted = governor.ask(inputs, now: now) else { return }
        let message = message(wanted)
        let isRenewed = ask?.bytes == message.bytes && ask?.urgent == message.urgent
        ask = message.bytes > 0 ? message : nil
        tellController(.ask(message))
        if !isRenewed { tell(.asked, wanted.reason, wanted.bytes, wanted.detail) }
    }

    /// An ask as the wire has it.
    func message(_ wanted: MemoryAsk) -> Ask {
        Ask(
            bytes: wanted.bytes, reason: wanted.reason, detail: wanted.detail, urgent: wanted.urgent,
            holdMilliseconds: wanted.holdFor / 1_000_000, sequence: wanted.sequence)
    }
}
