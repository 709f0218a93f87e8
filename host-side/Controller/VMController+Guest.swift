import HostAPI
import Linux
import Logging
import Wire

/// What the guest says on its own: reports, events, asks; and the policies that it is given.
extension VMController {
    // MARK: Policies

    /// The policies that the guest shall have: what was ordered while running, else what the policy file says.
    var wantedPolicy: GuestPolicyChange { store.vm(policy.name).policy.over(policy.guest) }

    /// Gives a new session's agent its policies, one by one: a refusal of one leaves the others. Its answers come later.
    func givePolicies() {
        guard let link else { return }
        for change in wantedPolicy.parts {
            let (request, actions) = link.session.send(.setPolicy(change.wire))
            link.givenPolicies[request] = change
            perform(actions, of: link)
        }
    }

    /// The answer to a policy that was given.
    func take(_ answer: ToHost.Message, to change: GuestPolicyChange) {
        let why: String
        switch answer {
        case .policyState(let state):
            let inForce = GuestPolicy(state)
            guestPolicy = inForce
            guard let key = change.ignored(by: inForce).first else { return }
            why = "its agent (version \(agent.version ?? "?")) does not know this \(key.rawValue)"
        case .failure(let failure): why = String(failure.message.prefix(512))
        default: return
        }
        events.append(
            .policyRefused, vm: policy.name, "the guest does not take a policy: \(why)", level: .warning)
    }

    // MARK: Reports

    func take(_ report: Report, _ link: AgentLink) {
        link.lastReport = report
        guard let state = report.policy else { return }
        let before = guestPolicy
        guestPolicy = GuestPolicy(state)
        // Where the device moves the VM, its statistics follow an adaptive period.
        if actuator == .device, before != guestPolicy { Task { await applyPollingInterval() } }
    }

    // MARK: Asks

    /// What the guest asks for now.
    func standingAsk(now: Timestamp) -> GuestAsk? { ask.flatMap { $0.ask.expires > now ? $0.ask : nil } }

    func take(_ message: Ask) {
        if let ask, message.sequence < ask.sequence { return }
        let now = Timestamp.now
        let before = standingAsk(now: now)
        let after = GuestAsk(message, time: now)
        ask = after.map { ($0, message.sequence) }
        // A renewal is no news.
        guard
            before?.bytes != after?.bytes || before?.urgent != after?.urgent
                || before?.reason?.code != after?.reason?.code
        else { return }
        guard mayReport() else { return }
        guard let after else {
            events.append(.asked, vm: policy.name, "the guest asks for nothing any more", fields: ["bytes": 0])
            return
        }
        events.append(
            .asked, vm: policy.name,
            "the guest asks for \(ByteSize.format(after.bytes)) more"
                + (after.reason.map { ": \($0.message)" } ?? ""),
            fields: [
                "bytes": .bytes(after.bytes), "urgent": .bool(after.urgent),
                "reason": .string(after.reason?.code ?? ""), "expires": .string("\(after.expires)"),
            ], level: after.urgent ? .warning : .info)
    }

    // MARK: Events

    func take(_ event: Event) {
        switch event.kind {
        case .emergencyRelease:
            counters.emergencyReleases += 1
            targetReachedTold = false
        case .pressureRelease: targetReachedTold = false
        default: break
        }
        let detail = String(event.detail.prefix(512))
        guard let news = GuestNews(event.kind, detail: detail) else {
            logger.info("the agent reports \(event.kind): \(detail)")
            return
        }
        guard mayReport() else { return }
        events.append(
            news.kind, vm: policy.name, news.message,
            fields: [
                "bytes": .bytes(event.bytes), "reason": .string(event.reason.name), "event": .string(event.kind.name),
            ], level: news.isWarning ? .warning : .info)
    }

    /// Whether one more event of this guest's may be told.
    private func mayReport() -> Bool {
        guard guestEvents.take(now: BoottimeClock.now()) else {
            guestEventsLeftOut &+= 1
            return false
        }
        if guestEventsLeftOut > 0 {
            logger.warning("\(guestEventsLeftOut) events of the guest were left out: it reports too many")
            guestEventsLeftOut = 0
        }
        return true
    }
}
