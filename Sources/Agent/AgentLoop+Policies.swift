import Balloon
import Governor
import Linux
import Wire

extension AgentLoop {
    /// The policies in force, as the wire shows them.
    var policyState: PolicyState { policies.state(periodInForce: schedule.period / 1_000_000) }

    /// Changes policies within what the guest's configuration allows.
    func setPolicy(_ change: SetPolicy, _ connection: Connection) -> ToHost.Message {
        guard let role = connection.session.role else { return .policyState(policyState) }
        let differences: [String]
        do throws(PolicyRefusal) {
            differences = try policies.apply(change, by: role, periodInForce: schedule.period / 1_000_000)
        } catch {
            return .failure(Failure(code: .refused, message: error.description))
        }
        let now = BoottimeClock.now()
        if schedule.policy != policies.statsPolicy { schedule.set(policies.statsPolicy, now: now) }
        if governor.configuration.deflateOnOom != policies.policies.deflateOnOom {
            governor.configuration.deflateOnOom = policies.policies.deflateOnOom
            pool?.setScores(holderScore)
        }
        controllerWatch.releaseAfter = policies.releaseAfter
        updateTriggers()
        saveState()
        if !differences.isEmpty {
            tell(
                .policyChanged, .requested, 0, differences.joined(separator: ", "), peer: connection.peer)
        }
        return .policyState(policyState)
    }

    /// The guest's administrator forbids inflation for a while, or allows it again.
    func setHold(_ wanted: Hold, _ connection: Connection) -> HoldState {
        let now = BoottimeClock.now()
        holds.apply(wanted, peer: connection.peer, now: now)
        takeUpHolds(now)
        let left = holds.remainingMilliseconds(now: now)
        let text =
            switch left {
            case 0: "allowed again"
            case .max: "forbidden until further notice"
            default: "forbidden for \(DurationText.format(left.multipliedSafely(by: 1_000_000)))"
            }
        tell(.held, holds.inForce(now: now)?.reason ?? .hold, 0, text, peer: connection.peer)
        nextGrow = now
        return HoldState(remainingMilliseconds: left)
    }

    /// Tells the governor, and keeps for the next agent, what the administrator said.
    func takeUpHolds(_ now: UInt64) {
        holds.forget(now: now)
        saveState()
        let left = holds.remaining(now: now)
        if left > 0 {
            governor.hold(for: left, now: now)
        } else {
            governor.endHold()
        }
    }

    /// Nobody controls the balloon for so long that its owner wants it back.
    func controllerStayedAway(_ now: UInt64) {
        controllerWatch.connected()
        target = nil
        setLimit(.controllerLost, "no controller came back in time")
        perform(engine.setWanted(nil))
        let (bytes, actions) = engine.releaseEverything(.controllerLost, ordered: false)
        perform(actions)
        tell(
            .controllerLostEvent, .controllerLost, bytes,
            "on-controller-loss is release-after \(DurationText.format(policies.releaseAfter ?? 0))")
    }

    /// Keeps the pause after a release for the next agent.
    func keepHoldOff(_ now: UInt64) {
        let kept = governor.holdOff(now: now).map { RuntimeState.HoldOff(reason: $0.reason, until: $0.until) }
        guard kept != keptHoldOff else { return }
        keptHoldOff = kept
        saveState()
    }

    /// Keeps for the next agent what was set at run time.
    private func saveState() {
        do {
            try stateFile.save(RuntimeState(overrides: policies.overrides, holds: holds, holdOff: keptHoldOff))
        } catch {
            log.warning("what was set at run time would not survive a restart of the agent: \(error)")
        }
    }
}
