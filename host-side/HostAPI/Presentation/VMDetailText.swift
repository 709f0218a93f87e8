/// `ballastctl show VM`: everything about a VM.
public enum VMDetailText {
    /// The lines for people.
    public static func lines(_ vm: VMDetail) -> [String] {
        var lines: [String] = []
        func section(_ title: String, _ pairs: [(name: String, value: String)]) {
            lines += ["", title] + TextTable.pairs(pairs.map { ($0.name, Terminal.clean($0.value)) }, indent: 2)
        }
        var head: [(name: String, value: String)] = [
            ("Name", vm.name), ("State", with(vm.state.rawValue, vm.stateDetail)),
            ("Actuator", "\(vm.actuator.rawValue) (policy: \(vm.actuatorChoice.rawValue))"),
        ]
        if let reason = vm.actuatorReason { head.append(("Not the agent, since", explain(reason))) }
        if vm.strict { head.append(("Strict", "the VM is paused for each discard")) }
        if vm.paused { head.append(("Paused", "the host starts no change; `ballastctl resume` ends that")) }
        lines += TextTable.pairs(head.map { ($0.name, Terminal.clean($0.value)) })

        var memory: [(name: String, value: String)] = [
            ("Max", ByteSize.format(vm.maxBytes)), ("Min", ByteSize.format(vm.minBytes)),
            ("Target", vm.targetBytes.map(ByteSize.format) ?? "none"), ("Actual", ByteSize.format(vm.actualBytes)),
            ("Held", ByteSize.format(vm.heldBytes)), ("In flight", ByteSize.format(vm.inFlightBytes)),
            ("Quarantined", ByteSize.format(vm.quarantinedBytes)),
            ("Resident on the host", vm.residentBytes.map(ByteSize.format) ?? "not known"),
        ]
        if let actual = vm.deviceActualBytes { memory.append(("Device's actual", ByteSize.format(actual))) }
        if let outcome = vm.outcome { memory.append(("Guest's answer", text(outcome))) }
        if let limit = vm.limit { memory.append(("Limit", explain(limit))) }
        if let ask = vm.ask { memory.append(("Guest asks for", text(ask))) }
        section("Memory", memory)

        section("Agent", agent(vm.agent))
        var vmm: [(name: String, value: String)] = [
            ("Connected", with(vm.qmp.connected ? "yes" : "no", vm.qmp.problem))
        ]
        if let version = vm.qmp.version { vmm.append(("Version", version)) }
        if let pid = vm.qmp.pid { vmm.append(("Process", "\(pid)")) }
        if let state = vm.qmp.runState { vmm.append(("Run state", state)) }
        section("VMM", vmm)
        if let policy = vm.policy { section("Policy", GuestPolicyText.pairs(policy)) }
        section("Since the daemon started", counters(vm.counters))
        return lines
    }

    /// What a guest asks for, in one line.
    static func text(_ ask: GuestAsk) -> String {
        "\(ByteSize.format(ask.bytes)) more\(ask.urgent ? ", urgently" : ""), until \(ask.expires)"
            + (ask.reason.map { ": " + explain($0) } ?? "")
    }

    /// A guest's answer in one line.
    public static func text(_ outcome: TargetOutcome) -> String {
        switch outcome.answer {
        case .accepted:
            return "accepted \(ByteSize.format(outcome.targetBytes))"
        case .partly:
            return "\(ByteSize.format(outcome.targetBytes)) only down to \(ByteSize.format(outcome.reachableBytes))"
                + (outcome.reason.map { ", since " + explain($0) } ?? "")
        case .refused:
            return "refused \(ByteSize.format(outcome.targetBytes))" + (outcome.reason.map { ": " + explain($0) } ?? "")
        }
    }

    /// An explanation in one line.
    public static func explain(_ reason: Explanation) -> String {
        reason.message.isEmpty || reason.message == reason.code ? reason.code : "\(reason.message) (\(reason.code))"
    }

    private static func with(_ text: String, _ detail: String?) -> String {
        detail.map { "\(text) (\($0))" } ?? text
    }

    private static func agent(_ agent: AgentStatus) -> [(name: String, value: String)] {
        guard agent.configured else { return [("Connected", "no, the policy names no agent")] }
        var pairs: [(name: String, value: String)] = [
            ("Connected", with(agent.connected ? "yes" : "no", agent.problem))
        ]
        if let address = agent.address { pairs.append(("Address", address)) }
        if let since = agent.since { pairs.append(("Since", "\(since)")) }
        if let version = agent.version { pairs.append(("Version", version)) }
        if let kernel = agent.kernel { pairs.append(("Kernel", kernel)) }
        if agent.connected {
            pairs.append(
                ("Balloon", agent.balloonAvailable ? "available" : "not available" + refusal(agent.balloonRefusal)))
        }
        return pairs
    }

    private static func refusal(_ reason: Explanation?) -> String {
        reason.map { ", since " + explain($0) } ?? ""
    }

    private static func counters(_ counters: VMCounters) -> [(name: String, value: String)] {
        [
            ("Offered", ByteSize.format(counters.offeredBytes)),
            ("Discarded", ByteSize.format(counters.discardedBytes)),
            ("Released", ByteSize.format(counters.releasedBytes)),
            ("Refused chunks", counts(counters.refusedChunks)),
            ("Protocol errors", counts(counters.protocolErrors)), ("Sessions", "\(counters.sessions)"),
            ("Emergency releases", "\(counters.emergencyReleases)"),
        ]
    }

    private static func counts(_ counts: [String: UInt64]) -> String {
        let known = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        return known.isEmpty ? "0" : known.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
