import Balloon
import Governor
import Linux
import SystemPackage
import Wire

extension AgentLoop {
    /// Does what a peer asks, and answers.
    func answer(_ request: UInt64, _ message: ToGuest.Message, on connection: Connection) {
        switch message {
        case .hello: break
        case .setTarget(let wanted): setTarget(wanted, request)
        case .offerResult(let result):
            FailPoint.hit("agent.answered")
            let (known, actions) = engine.answered(result)
            if !known { log.warning("the host answered an offer that is not out: chunk \(result.chunk)") }
            perform(actions)
            nextGrow = min(nextGrow, BoottimeClock.now() + (result.status == .discarded ? 0 : 500_000_000))
        case .query(let query):
            guard !connection.isMetered || meteredQueries.take(now: BoottimeClock.now()) else {
                let failure = Failure(code: .busy, message: "at most 20 queries a second without a port below 1024")
                return act(connection.session.send(.failure(failure), inReplyTo: request), on: connection)
            }
            act(connection.session.send(.report(report(query.topics)), inReplyTo: request), on: connection)
        case .setPolicy(let change):
            act(connection.session.send(setPolicy(change, connection), inReplyTo: request), on: connection)
        case .hold(let wanted):
            act(connection.session.send(.holdState(setHold(wanted, connection)), inReplyTo: request), on: connection)
        case .release:
            // While the guest's administrator forbids inflation the target may stand: it counts again afterwards.
            if connection.token == controller || holds.remaining(now: BoottimeClock.now()) == 0 {
                target = nil
                lastAnswer = nil
                setLimit(.noReason, "")
                perform(engine.setWanted(nil))
            }
            let (bytes, actions) = engine.releaseEverything(.requested, ordered: false)
            perform(actions)
            journal.record(
                JournalEvent(
                    .requestedRelease, "\(ByteSize.format(bytes)) released, as was asked for", bytes: bytes,
                    reason: .requested, peer: connection.peer))
            act(
                connection.session.send(.releaseAnswer(ReleaseAnswer(bytes: bytes)), inReplyTo: request), on: connection
            )
        case .reoffer(let wanted):
            engine.reoffer(Array(wanted.chunks.prefix(4096)), onlyMoved: false)
            nextGrow = BoottimeClock.now()
        case .goodbye:
            act(connection.session.closed(), on: connection)
        }
    }

    private func setTarget(_ wanted: SetTarget, _ request: UInt64) {
        guard wanted.targetBytes <= wanted.vmBytes, wanted.vmBytes > 0, wanted.vmBytes < 1 << 52 else {
            tellController(
                .failure(Failure(code: .refused, message: "a target lies between 0 and the size of the VM")),
                inReplyTo: request)
            return
        }
        if let refusal = policies.targetRefusal {
            let kept = wanted.vmBytes - min(engine.heldBytes, wanted.vmBytes)
            tellController(
                .targetAnswer(
                    TargetAnswer(
                        outcome: .refused, reachableBytes: kept, reason: refusal.reason, detail: refusal.detail,
                        heldBytes: engine.heldBytes, targetBytes: wanted.targetBytes)), inReplyTo: request)
            return
        }
        target = wanted
        emptyRefusals = 0
        (limitNoted, limitNotedUntil) = (.noReason, 0)
        statusIsStale = true
        let now = BoottimeClock.now()
        schedule.noticed(now: now)
        perform(engine.setWanted(wanted.vmBytes - wanted.targetBytes))
        tellController(.targetAnswer(judge(wanted, now)), inReplyTo: request)
        nextGrow = now
    }

    private func judge(_ wanted: SetTarget, _ now: UInt64) -> TargetAnswer {
        let held = engine.heldBytes &+ engine.inFlightBytes
        var answer = TargetAnswer(heldBytes: engine.heldBytes, targetBytes: wanted.targetBytes)
        if let balloonRefusal, wanted.vmBytes - wanted.targetBytes > held {
            answer.outcome = .refused
            answer.reachableBytes = wanted.vmBytes - min(held, wanted.vmBytes)
            (answer.reason, answer.detail) = balloonRefusal
        } else if let inputs = inputs() {
            let verdict = governor.answer(
                target: wanted.targetBytes, vmBytes: wanted.vmBytes, balloonBytes: held, inputs: inputs, now: now)
            answer.outcome = verdict.outcome
            answer.reachableBytes = verdict.reachableBytes
            answer.reason = verdict.reason
            answer.detail = verdict.detail
        } else {
            answer.outcome = .accepted
            answer.reachableBytes = wanted.targetBytes
        }
        lastAnswer = answer
        if answer.outcome == .accepted { setLimit(.noReason, "") }
        return answer
    }

    /// Notes what keeps the balloon from its target, and tells the host when that changed.
    func setLimit(_ reason: Reason, _ detail: String) {
        let changed = limit.reason != reason
        if changed { statusIsStale = true }
        limit = (reason, detail)
        guard changed, let target else { return }
        noteLimit(target)
        guard let before = lastAnswer else { return }
        var answer = before
        answer.reason = reason
        answer.detail = detail
        answer.heldBytes = engine.heldBytes
        let kept = target.vmBytes - min(target.vmBytes, engine.heldBytes &+ engine.inFlightBytes)
        answer.outcome = reason == .noReason ? .accepted : kept < target.vmBytes ? .partly : .refused
        answer.reachableBytes = reason == .noReason ? target.targetBytes : kept
        guard answer.outcome != before.outcome || answer.reason != before.reason else { return }
        lastAnswer = answer
        tellController(.targetAnswer(answer))
    }

    /// Tells the journal what keeps the balloon from its target, once a minute at most: near a limit it comes and goes.
    private func noteLimit(_ target: SetTarget) {
        let now = BoottimeClock.now()
        guard limit.reason != .noReason, limit.reason != limitNoted, now >= limitNotedUntil else { return }
        limitNoted = limit.reason
        limitNotedUntil = now + 60_000_000_000
        let held = engine.heldBytes
        let wanted = target.vmBytes - min(target.targetBytes, target.vmBytes)
        journal.record(
            JournalEvent(
                .limited,
                "the balloon stays at \(ByteSize.format(held)) of \(ByteSize.format(wanted)): \(limit.detail)",
                bytes: held, reason: limit.reason
            ).with(heldBytes: held, targetBytes: target.targetBytes))
    }
}
