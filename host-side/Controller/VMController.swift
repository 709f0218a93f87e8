public import GuestMemory
public import HostAPI
import Hypervisor
import Linux
public import Logging
import NIOPosix
import Wire

/// One VM: connects to its VMM and its agent, chooses the actuator, gives targets, discards what the guest offers, and
/// knows how things stand. Whatever one VM does, the controllers of the others go on.
public actor VMController {
    let policy: VMPolicy
    let store: StateStore
    let events: EventLog
    let logger: Logger
    let gate = EventGate()
    let ledger: HugePageLedger
    /// What was taken from huge pages was backed again, since the pool was being drained.
    var hasBackedAll = false
    /// The last backing failed for want of pages, and an event said so.
    var hasToldShortage = false
    /// Why the guest was told a lower target than was asked for; the guest does not know.
    var poolShortage: Explanation?

    var state = VMState.starting
    var stateDetail: String?
    var monitor: VirtualMachineMonitor?
    var qmp = QMPStatus()
    var vmBytes: UInt64?
    var actuator = Actuator.none
    var actuatorReason: Explanation?
    var link: AgentLink?
    var locks: [FileLock] = []
    var memoryMap: MemoryMap?
    var vmmProcess: VMMProcess?
    var agent: AgentStatus
    var outcome: TargetOutcome?
    var limit: Explanation?
    var counters = VMCounters()
    var guestPolicy: GuestPolicy?
    /// What the guest asks for, with the number of that ask; it may have expired.
    var ask: (ask: GuestAsk, sequence: UInt64)?
    /// A guest may report so much as it happens without driving the other VMs' events out of the log.
    var guestEvents = TokenBucket(capacity: 100, perSecond: 2)
    /// Events of the guest that were left out since.
    var guestEventsLeftOut: UInt64 = 0
    var deviceActual: UInt64?
    var balloonDevice: QOMObject?
    var residentBytes: UInt64?
    var targetReachedTold = false
    /// When the VMM was connected.
    var connectedAt: UInt64 = 0
    /// When a session without a balloon last looked at the VM again.
    var lastInspection: UInt64 = 0

    /// A controller of the VM that `policy` names. Nothing happens before ``run()``.
    ///
    /// - Parameter ledger: what all VMs together have taken from the pool of huge pages.
    public init(
        policy: VMPolicy, store: StateStore, events: EventLog, ledger: HugePageLedger = HugePageLedger(),
        logger: Logger
    ) {
        self.policy = policy
        self.store = store
        self.events = events
        self.ledger = ledger
        var logger = logger
        logger[metadataKey: "vm"] = "\(policy.name)"
        self.logger = logger
        agent = AgentStatus(configured: policy.agent != nil, address: policy.agent?.description)
    }

    // MARK: What is known

    /// Full size of the VM in bytes: the policy's, or the VMM's.
    var maxBytes: UInt64 { vmBytes.map { min($0, policy.maximumBytes ?? $0) } ?? policy.maximumBytes ?? 0 }

    /// The lowest target that the policy permits, in bytes.
    var minBytes: UInt64 { policy.minimumBytes(of: vmBytes ?? maxBytes) }

    /// Bytes that the balloon in use holds.
    var heldBytes: UInt64 {
        switch actuator {
        case .agent: link?.book?.heldBytes ?? 0
        case .device: deviceActual.flatMap { actual in vmBytes.map { $0 - min($0, actual) } } ?? 0
        case .none: 0
        }
    }

    /// The target in force, in bytes.
    var target: UInt64? { store.vm(policy.name).targetBytes }

    /// The VM as it stands.
    public func detail() -> VMDetail {
        var detail = VMDetail(name: policy.name, maxBytes: maxBytes, minBytes: minBytes)
        detail.state = state
        detail.stateDetail = stateDetail
        detail.actuator = actuator
        detail.actuatorChoice = policy.actuator
        detail.actuatorReason = actuatorReason
        detail.strict = policy.strict
        detail.paused = store.isPaused
        detail.targetBytes = target
        detail.heldBytes = heldBytes
        detail.actualBytes = maxBytes - min(maxBytes, heldBytes)
        detail.inFlightBytes = link?.book?.inFlightBytes ?? 0
        detail.quarantinedBytes = link?.lastReport?.balloon?.quarantinedBytes ?? 0
        detail.residentBytes = residentBytes
        detail.deviceActualBytes = deviceActual
        detail.limit = limit
        detail.outcome = outcome
        detail.ask = standingAsk(now: .now)
        detail.agent = agent
        detail.qmp = qmp
        detail.policy = guestPolicy
        detail.counters = counters
        return detail
    }

    // MARK: What is asked

    /// Stores the target and gives it to the actuator; waits a moment for the guest's answer.
    public func setTarget(_ size: TargetSize) async throws -> SetTargetResponse {
        guard maxBytes > 0 else {
            throw APIError(
                code: .unreachable,
                message: "the size of \(policy.name) is not known yet, since its VMM does not answer",
                remedy: "name `max` in the policy, or try again when the VM runs")
        }
        guard let bytes = size.bytes(of: maxBytes) else {
            throw APIError(code: .badRequest, message: "a target is a size or 0% ... 100%")
        }
        if store.isPaused {
            throw APIError(
                code: .refused, message: "ballast-host is paused, so no change is started",
                remedy: "`ballastctl resume` ends the pause; `ballastctl release` works meanwhile")
        }
        guard bytes >= minBytes, bytes <= maxBytes else {
            throw APIError(
                code: .refused,
                message: "\(bytes) bytes lie outside the policy's bounds for \(policy.name): "
                    + "\(minBytes) ... \(maxBytes)",
                remedy: "choose a target inside, or change `min` and `max` in the policy file")
        }
        try store.setTarget(bytes, of: policy.name)
        outcome = nil
        targetReachedTold = false
        events.append(
            .targetSet, vm: policy.name, "target set to \(bytes >> 20) MiB",
            fields: ["target_bytes": .bytes(bytes)])
        await applyTarget(waiting: .seconds(3))
        return SetTargetResponse(targetBytes: bytes, vm: detail())
    }

    /// Gives everything back and then forgets the target; works while paused. Where the guest cannot be told, the target
    /// stays as it was.
    public func release() async throws -> ReleaseResult {
        let asked = store.vm(policy.name)
        let released = try await orderRelease()
        events.append(
            .released, vm: policy.name, "release of \(released >> 20) MiB ordered", fields: ["bytes": .bytes(released)])
        let now = store.vm(policy.name)
        // A target that was set meanwhile is a later wish.
        if now.targetBytes == asked.targetBytes, now.targetSet == asked.targetSet {
            try store.setTarget(nil, of: policy.name)
            outcome = nil
            limit = nil
            poolShortage = nil
        }
        return ReleaseResult(vm: policy.name, releasedBytes: released)
    }

    /// Tells the actuator to give everything back; returns how many bytes that are.
    private func orderRelease() async throws -> UInt64 {
        let stays = "nothing was ordered, and its target stays"
        switch actuator {
        case .agent:
            try await backEverything()
            guard case .releaseAnswer(let answer)? = await request(.release(Release()), timeout: .seconds(5)) else {
                throw unreachable("the agent does not answer; its target stays")
            }
            return answer.bytes
        case .device:
            guard let monitor, let vmBytes else { throw unreachable("its VMM does not answer; \(stays)") }
            let held = heldBytes
            do {
                try await monitor.balloon(vmBytes)
            } catch {
                throw unreachable("\(error); its target stays")
            }
            return held
        case .none:
            throw unreachable("\(stateDetail ?? "no actuator is connected"); \(stays)")
        }
    }

    /// The kill switch was set or lifted.
    public func pauseChanged() async { await applyTarget(waiting: .zero) }

    /// Asks the guest now.
    public func report(_ topic: GuestTopic) async throws -> GuestReport {
        if let link, link.isLive {
            switch await request(.query(topic.query), timeout: .seconds(5)) {
            case .report(let report)?:
                let told = GuestReport(report, vm: policy.name, time: .now)
                if let problem = topic.problem(with: told, agent: agent.version) { throw problem }
                return told
            case .failure(let failure)?: throw APIError(code: .refused, message: failure.message)
            default: break
            }
        }
        if topic == .memory || topic == .all, let report = await deviceReport() { return report }
        throw unreachable(agent.problem ?? "its agent does not answer")
    }

    /// Changes policies, persistently.
    public func setPolicy(_ change: GuestPolicyChange) async throws -> GuestPolicy {
        if let problem = change.problem { throw APIError(code: .badRequest, message: problem) }
        if link?.isLive == true {
            switch await request(.setPolicy(change.wire), timeout: .seconds(5)) {
            case .policyState(let state)?:
                let inForce = GuestPolicy(state)
                guestPolicy = inForce
                if let key = change.ignored(by: inForce).first {
                    throw APIError(
                        code: .refused,
                        message: "the guest's agent (version \(agent.version ?? "?")) does not know this "
                            + "\(key.rawValue)",
                        remedy: "a newer ballast-agent does")
                }
            case .failure(let failure)?: throw APIError(code: .refused, message: failure.message)
            default: throw unreachable("its agent does not answer")
            }
        }
        try store.setPolicy(change, of: policy.name)
        events.append(.policyChanged, vm: policy.name, "policies of the guest changed")
        await applyPollingInterval()
        if let guestPolicy { return guestPolicy }
        return wantedPolicy.expected
    }

    func unreachable(_ why: String) -> APIError {
        APIError(
            code: .unreachable, message: "\(policy.name) cannot be reached: \(why)",
            remedy: "see `ballastctl show \(policy.name)`")
    }

    // MARK: Targets

    /// What the actuator shall be told now: the stored target, or while paused where the guest is.
    private var effectiveTarget: UInt64? {
        guard let vmBytes else { return nil }
        if store.isPaused {
            // Where the guest is, is known only once its inventory is in.
            guard target != nil, actuator != .agent || link?.inventoryComplete == true else { return nil }
            return vmBytes - min(vmBytes, heldBytes)
        }
        guard let target else { return nil }
        return min(target, vmBytes)
    }

    /// Gives the effective target to the actuator in use.
    func applyTarget(waiting: Duration) async {
        guard let effective = effectiveTarget, let vmBytes else { return }
        switch actuator {
        case .agent:
            // Huge pages are backed before the guest may touch them. What is to be backed is known once the inventory
            // is in; the target follows then.
            if usesHugePages, link?.inventoryComplete != true || link?.isBacking == true { return }
            let message = SetTarget(targetBytes: await backBeforeRelease(to: effective), vmBytes: vmBytes)
            if waiting == .zero {
                send(.setTarget(message))
            } else if case .targetAnswer(let answer)? = await request(.setTarget(message), timeout: waiting) {
                take(answer)
            }
        case .device: await applyDeviceTarget(effective)
        case .none: break
        }
    }

    func take(_ answer: TargetAnswer) {
        limit = poolShortage ?? Explanation(answer.reason, detail: String(answer.detail.prefix(512)))
        // While paused the guest was told to stay where it is, which is not what was asked for.
        guard !store.isPaused, let target, let vmBytes, answer.targetBytes == min(target, vmBytes) else { return }
        let before = outcome
        guard let now = TargetOutcome(answer, time: .now) else { return }
        outcome = now
        if now.answer != before?.answer || now.reason?.code != before?.reason?.code, now.answer != .accepted {
            events.append(
                .targetAnswer, vm: policy.name, "the guest answers \(now.answer.rawValue): \(answer.detail)",
                fields: ["reachable_bytes": .bytes(answer.reachableBytes), "reason": .string(answer.reason.name)])
        }
    }

    /// Tells once when the target is reached.
    func noteProgress() {
        guard let target, let vmBytes, !targetReachedTold, actuator != .none else { return }
        let kept = vmBytes - min(vmBytes, heldBytes)
        guard kept <= max(target, minBytes) + (2 << 20), kept + (2 << 20) >= target else { return }
        targetReachedTold = true
        events.append(
            .targetReached, vm: policy.name, "target of \(target >> 20) MiB reached",
            fields: ["target_bytes": .bytes(target), "held_bytes": .bytes(heldBytes)])
    }
}
