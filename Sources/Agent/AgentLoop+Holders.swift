import Balloon
import Governor
import Linux
import Sensors
import SystemPackage
import Wire

extension AgentLoop {
    /// Finds out whether this guest can run the balloon, and takes over holders that outlived an earlier agent.
    func startBalloon() {
        guard configuration.balloonEnabled else {
            balloonRefusal = (.notPermitted, "the guest's configuration switches the balloon off (balloon.enabled)")
            return
        }
        if let reason = StrongPin.unavailableReason() {
            balloonRefusal = (.noPin, reason)
            journal.record(JournalEvent(.unavailable, "no agent balloon: \(reason)", reason: .noPin))
            return
        }
        do {
            let pool = try HolderPool(configuration: configuration, log: log)
            let adopted = pool.adoptLiving()
            engine = BalloonEngine(
                chunkBytes: configuration.chunkBytes, slots: pool.slots, suspectSlots: !adopted.isEmpty)
            self.pool = pool
            for holder in adopted {
                try epoll.add(
                    pool.descriptor(of: holder.id), for: .readable, token: pool.token(of: holder.id, newToken()))
                perform(engine.holderJoined(holder.id, adopted: holder.chunks))
            }
            if !adopted.isEmpty {
                log.notice("took over \(adopted.count) holders with \(engine.heldBytes >> 20) MiB")
                // They have the score of the policy that was in force when they began.
                pool.setScores(holderScore)
                nextLook = 0
                nextSense = 0
            }
        } catch {
            balloonRefusal = (.noPin, "\(error)")
            journal.record(JournalEvent(.unavailable, "no agent balloon: \(error)", reason: .noPin))
        }
    }

    /// Starts holders until there are as many as configured; false where none lives.
    func ensureHolders() -> Bool {
        guard let pool else { return false }
        while engine.livingHolders.count < configuration.holders {
            do {
                let id = try pool.spawn(oomScore: holderScore)
                try epoll.add(pool.descriptor(of: id), for: .readable, token: pool.token(of: id, newToken()))
                perform(engine.holderJoined(id))
            } catch {
                log.error("a holder could not be started: \(error)")
                setLimit(.allocation, "a holder could not be started: \(error)")
                break
            }
        }
        return !engine.livingHolders.isEmpty
    }

    /// Holders are the OOM killer's first victims, unless the policy shields them.
    var holderScore: Int { policies.policies.deflateOnOom == .off ? -1000 : 1000 }

    /// Reads what a holder has to say.
    func serve(holder id: Int) {
        guard let pool else { return }
        while let event = pool.next(id) {
            switch event {
            case .built(let chunk, let extents):
                FailPoint.hit("agent.built")
                governor.populating(now: BoottimeClock.now())
                perform(engine.built(chunk, extents: extents))
                FailPoint.hit("agent.offered")
                if engine.isFragmented {
                    fragmented()
                    continue
                }
                growFailures = 0
            case .failed(let chunk, let step, let error):
                governor.populating(now: BoottimeClock.now())
                perform(engine.failed(chunk, fragmented: step == .fragmented))
                if step == .fragmented {
                    fragmented()
                    continue
                }
                growFailures += 1
                if error != nil {
                    setLimit(.allocation, "a chunk could not be taken (\(step)): \(error.map { "\($0)" } ?? "")")
                    nextGrow = BoottimeClock.now() + min(10_000_000_000, 100_000_000 << UInt64(min(growFailures, 6)))
                    continue
                }
            case .unpinned(let chunk):
                perform(engine.unpinned(chunk))
                FailPoint.hit("agent.unpinned")
            case .released(let chunk): perform(engine.released(chunk))
            case .releasedAll:
                releaseDeadlines[id] = nil
                perform(engine.releasedAll(id))
            case .inventoried(let chunk, let extents): perform(engine.inventoried(chunk, extents: extents))
            case .gone:
                lost(holder: id)
                return
            }
            // Whatever came to rest makes room for the next chunk.
            nextGrow = min(nextGrow, BoottimeClock.now())
        }
    }

    /// Little or nothing of a chunk could be assembled: the next attempt waits, longer each time.
    private func fragmented() {
        growFailures += 1
        setLimit(
            .allocation,
            "the guest's memory is fragmented: \(engine.counters.fragmentedBytes >> 20) MiB could not be assembled "
                + "into whole frames of 2 MiB, which is what this host's huge pages need")
        nextGrow = BoottimeClock.now() + min(10_000_000_000, 100_000_000 << UInt64(min(growFailures, 6)))
    }

    /// Notices holders that ended.
    func reapHolders() {
        guard let pool else { return }
        for id in pool.deadHolders() { lost(holder: id) }
    }

    private func lost(holder id: Int) {
        guard let pool, engine.livingHolders.contains(id) else { return }
        let bytes = engine.bytes(ofHolder: id)
        epoll.remove(pool.descriptor(of: id))
        let now = BoottimeClock.now()
        let kills = try? probe.oomKills()
        pool.forget(id)
        releaseDeadlines[id] = nil
        perform(engine.holderDied(id, reason: .holderDied))
        tell(.holderDiedEvent, .holderDied, bytes, "OOM kills so far: \(kills ?? 0)")
        // If it was the OOM killer, the counter says so: look at once.
        nextLook = 0
        governor.holdOff(for: configuration.holdOff, because: .holderDied, now: now)
        nextGrow = min(nextGrow, now)
        updateStatus()
    }

    /// Carries out what the engine decided.
    func perform(_ actions: [EngineAction]) {
        for action in actions {
            switch action {
            case .send(let message): tellController(message)
            case .clear(let slot): pool?.clear(slot: slot)
            case .build, .abort, .unpin, .release, .reoffer, .inventory:
                if pool?.order(action, nonce: nonce, wholePages: wholePages) == false { orderLost(action) }
            }
        }
        if !actions.isEmpty {
            statusIsStale = true
            updateStatus()
        }
    }

    /// A holder that takes no orders is dead or stuck; it counts as dead at once, so that nothing more is asked of it.
    /// What it has in flight stays on its ring.
    private func orderLost(_ action: EngineAction) {
        lostOrder = true
        switch action {
        case .build(let holder, let chunk, _, _), .reoffer(let holder, let chunk, _, _):
            perform(engine.failed(chunk))
            if nonce != nil { end(holder: holder) }
        case .unpin(let holder, _, _), .release(let holder, _), .inventory(let holder, _), .abort(let holder, _):
            end(holder: holder)
        case .clear, .send: break
        }
    }

    private func end(holder id: Int) {
        guard engine.livingHolders.contains(id) else { return }
        pool?.kill(id)
        lost(holder: id)
    }

    func updateStatus() {
        let held = engine.heldBytes
        guard held != lastStatusBytes else { return }
        lastStatusBytes = held
        ServiceManager.status("Balloon \(held >> 20) MiB")
    }
}
