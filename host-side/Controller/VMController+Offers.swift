import GuestMemory
import HostAPI
import Hypervisor
import Linux
import Logging
import NIOPosix
import Wire

extension VMController {
    /// Books an offer as in flight and sees to it that it is worked on. A violation ends the session; nothing of the
    /// message is discarded.
    func take(_ offer: Offer, _ link: AgentLink) {
        guard link.engine != nil, link.book != nil else {
            return violate(link, "an offer on a session that may not discard")
        }
        guard let extents = Extent.decode(offer.extents), Extent.totalBytes(extents) == offer.bytes else {
            count(refusal: .refusedRange, "an offer with impossible extents")
            return violate(link, "an offer with impossible extents")
        }
        do throws(RangeViolation) {
            try link.book?.begin(chunk: offer.chunk, extents: extents, again: offer.again)
        } catch {
            count(refusal: .refusedRange, error.description)
            return violate(link, "an offer outside the rules: \(error)")
        }
        counters.offeredBytes &+= offer.bytes
        link.waiting.append(AgentLink.Waiting(offer: offer, extents: extents, receivedAt: BoottimeClock.now()))
        if link.workers < mostWorkers(link) {
            link.workers += 1
            Task { await work(link) }
        }
    }

    func count(refusal status: OfferResult.Status, _ detail: String) {
        counters.refusedChunks[status.name.split(separator: "-").joined(separator: "_"), default: 0] += 1
        events.append(
            .refusedChunk, vm: policy.name, "a chunk was not discarded: \(detail)",
            fields: ["status": .string(status.name)], level: .warning)
    }

    /// Offers side by side: while one is discarded, the stamps of the next are read. One alone where the VM is paused
    /// for it, and on hugetlb, where what is gone is measured by the whole file.
    private func mostWorkers(_ link: AgentLink) -> Int {
        policy.strict || usesHugePages ? 1 : 2
    }

    /// Works on what waits: before each offer (in strict mode each batch) the VM is asked whether discarding is still
    /// safe, unless it has just said so.
    private func work(_ link: AgentLink) async {
        defer { link.workers -= 1 }
        while !link.waiting.isEmpty, link.fence.isOpen {
            let batch = Array(link.waiting.prefix(policy.strict ? link.waiting.count : 1))
            link.waiting.removeFirst(batch.count)
            if let refusal = await unsafe(link) {
                for waiting in batch + link.waiting { answer(waiting, link, .refusedState, 0, refusal.description) }
                link.waiting = []
                recheck(link, refusal)
                continue
            }
            if let why = poolRefusal(link) {
                for waiting in batch { answer(waiting, link, .refusedState, 0, why) }
                continue
            }
            if policy.strict {
                await discardStrictly(batch, link)
            } else {
                for waiting in batch { await discard(waiting, link) }
            }
        }
    }

    /// Why nothing may be discarded now, as far as the VMM and its process tell.
    private func unsafe(_ link: AgentLink) async -> RefusalReason? {
        guard let monitor, let process = vmmProcess else {
            return RefusalReason(.vmmProcess, "the VMM does not answer")
        }
        if link.safety.counts(now: BoottimeClock.now()) { return nil }
        let refusal = await unsafe(monitor, process)
        if refusal == nil { link.safety.give(now: BoottimeClock.now()) }
        return refusal
    }

    private func unsafe(_ monitor: VirtualMachineMonitor, _ process: VMMProcess) async -> RefusalReason? {
        do {
            let snapshot = try await monitor.safetySnapshot(timeout: .seconds(2))
            qmp.runState = snapshot.runState.rawValue
            guard snapshot.runState == .running else {
                return RefusalReason(.migrationActive, "the VM is \(snapshot.runState.rawValue)")
            }
            return Inspection.refusals(snapshot: snapshot, process: try process.facts()).first
        } catch {
            return RefusalReason(.vmmProcess, "the VMM does not answer: \(error)")
        }
    }

    /// A reason appeared (a migration, a device that was plugged in): the session ends, and the next looks at the VM
    /// anew. To refuse chunk after chunk would only make the guest write memory that a migration has to send again.
    private func recheck(_ link: AgentLink, _ refusal: RefusalReason) {
        if link.ending == nil { link.ending = refusal.description }
        link.fence.close()
        link.channel.close()
    }

    private func offer(_ waiting: AgentLink.Waiting, _ link: AgentLink) -> DiscardOffer {
        DiscardOffer(
            chunk: waiting.offer.chunk, extents: waiting.extents, nonce: link.nonce, receivedAt: waiting.receivedAt)
    }

    private func discard(_ waiting: AgentLink.Waiting, _ link: AgentLink) async {
        guard let engine = link.engine else { return }
        let (request, fence) = (offer(waiting, link), link.fence)
        let outcome = try? await NIOThreadPool.singleton.runIfActive { engine.discard(request, fence: fence) }
        conclude(waiting, link, outcome)
    }

    /// Pauses the VM for the batch: stamps are read again while it stands still, so that nothing can change between
    /// the last look and the discard.
    private func discardStrictly(_ batch: [AgentLink.Waiting], _ link: AgentLink) async {
        guard let engine = link.engine, let monitor else { return }
        var ready: [(AgentLink.Waiting, PreparedDiscard)] = []
        for waiting in batch {
            let (request, fence) = (offer(waiting, link), link.fence)
            switch try? await NIOThreadPool.singleton.runIfActive({ engine.prepare(request, fence: fence) }) {
            case .ready(let prepared)?: ready.append((waiting, prepared))
            case .refused(let outcome)?: conclude(waiting, link, outcome)
            case nil: conclude(waiting, link, nil)
            }
        }
        if ready.isEmpty { return }
        do {
            try store.markStopped(policy.name, vmmPID: qmp.pid ?? 0)
            gate.expectStop()
            try await monitor.stop()
        } catch {
            gate.forgetExpectedStops()
            store.clearStopped(policy.name)
            for (waiting, _) in ready {
                answer(waiting, link, .refusedState, 0, "the VM could not be paused: \(error)")
            }
            return
        }
        FailPoint.hit("host.strict-stopped")
        var outcomes: [(AgentLink.Waiting, DiscardOutcome?)] = []
        for (waiting, prepared) in ready {
            let outcome = try? await NIOThreadPool.singleton.runIfActive {
                engine.commit(prepared, rereading: true)
            }
            outcomes.append((waiting, outcome))
        }
        var stuck: RefusalReason?
        do {
            try await monitor.cont()
            store.clearStopped(policy.name)
        } catch {
            logger.critical("the VM that was paused for a discard could not be continued: \(error)")
            stuck = RefusalReason(.vmmProcess, "the VM could not be continued: \(error)")
        }
        gate.forgetExpectedStops()
        for (waiting, outcome) in outcomes { conclude(waiting, link, outcome) }
        // The next look at the VM tries again; a guest that stands still would not end the session for long.
        if let stuck { recheck(link, stuck) }
    }

    private func conclude(_ waiting: AgentLink.Waiting, _ link: AgentLink, _ outcome: DiscardOutcome?) {
        guard let outcome else {
            return answer(waiting, link, .failed, 0, "ballast-host is stopping")
        }
        answer(waiting, link, outcome.status, outcome.discardedBytes, outcome.detail)
    }

    /// Closes the booking, then acknowledges: a frame stays in flight for as long as it may be touched. A session that
    /// has ended gets no answer; its guest keeps the chunk in quarantine.
    private func answer(
        _ waiting: AgentLink.Waiting, _ link: AgentLink, _ status: OfferResult.Status, _ bytes: UInt64,
        _ detail: String
    ) {
        let discarded = status == .discarded
        link.book?.finish(chunk: waiting.offer.chunk, discarded: discarded ? bytes : nil)
        noteMissing()
        if discarded {
            counters.discardedBytes &+= bytes
        } else {
            count(refusal: status, detail)
        }
        guard link.isLive else { return }
        FailPoint.hit("host.acknowledging")
        let result = OfferResult(
            chunk: waiting.offer.chunk, sequence: waiting.offer.sequence, status: status, discardedBytes: bytes,
            detail: String(detail.prefix(512)))
        perform(link.session.send(.offerResult(result)).actions, of: link)
        FailPoint.hit("host.acknowledged")
        noteProgress()
    }

    // MARK: Audits

    /// Looks whether held chunks are resident again, and asks for those to be offered again.
    func startHeldAudit(_ link: AgentLink) {
        guard let book = link.book, link.isLive, link.inventoryComplete, !store.isPaused else { return }
        link.lastHeldAudit = BoottimeClock.now()
        let files = locks.map(\.file)
        Task {
            let findings = try? await NIOThreadPool.singleton.runIfActive {
                try HeldAudit.run(book: book, files: files)
            }
            guard let findings, link.isLive else { return }
            link.knownResidentBytes = findings.reduce(0) { $0 &+ $1.residentBytes }
            let chunks = HeldAudit.chunksToOffer(findings)
            if !chunks.isEmpty { send(.reoffer(Reoffer(chunks: chunks))) }
        }
    }

    /// Once a second: residency, audits, the device's numbers.
    func tick() async {
        if !locks.isEmpty { residentBytes = try? Residency.total(of: locks.map(\.file)) }
        if let link, link.isLive, let book = link.book {
            let now = BoottimeClock.now()
            if link.inventoryComplete, now - link.lastHeldAudit > 60_000_000_000 { startHeldAudit(link) }
            if let residentBytes, let map = memoryMap, book.inFlightCount == 0 {
                let verdict = link.audit.add(
                    CreditAudit.Sample(
                        time: now, ramBytes: map.totalBytes, fileBytes: residentBytes,
                        discardedBytes: book.discardedBytes, creditedBytes: book.creditedBytes,
                        releasedBytes: link.releasedBytes, knownResidentBytes: link.knownResidentBytes))
                if case .alarm(let missing) = verdict {
                    events.append(
                        .protocolError, vm: policy.name,
                        "\(missing >> 20) MiB were booked as reclaimed and are not gone from the host",
                        fields: ["missing_bytes": .bytes(missing)], level: .error)
                }
            }
        }
        await deviceTick()
        takeAgain()
        await reconsider()
    }

    /// A reason against the agent balloon may pass (a migration, a snapshot, firmware that still moves memory): look
    /// again now and then, and begin a new session once it has.
    private func reconsider() async {
        guard let link, link.isLive, link.engine == nil, policy.actuator != .device, let monitor else { return }
        let now = BoottimeClock.now()
        guard now - lastInspection > 5_000_000_000 else { return }
        lastInspection = now
        let result = try? await VMMInspector(monitor: monitor, configuredPID: policy.pid).inspect()
        guard result?.refusals.isEmpty == true, link.isLive else { return }
        await endSession("the VM's memory can be discarded from outside now")
    }
}
