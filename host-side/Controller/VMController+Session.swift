import GuestMemory
import HostAPI
import Hypervisor
import Linux
import Logging
import Wire

extension VMController {
    /// Dials the agent and works with it until the session ends; without an agent the device is used. True where a
    /// session was established or the device serves.
    func runSession(_ monitor: VirtualMachineMonitor, engine: DiscardEngine?, refusal: Explanation?) async -> Bool {
        guard var address = policy.agent else {
            return await serveWithoutAgent(
                refusal ?? Explanation(code: "no-agent-channel", message: "the policy names no channel to an agent"))
        }
        if case .vsock(let named, let port) = address {
            let told: UInt32?
            do {
                told = try await monitor.guestCID()
            } catch {
                agent.problem = "the VMM does not tell the guest's CID: \(error)"
                return await serveWithoutAgent(
                    refusal ?? Explanation(code: "agent-unreachable", message: agent.problem ?? ""))
            }
            if let named, let told, named != told {
                // Whoever has that number is another guest.
                agent.problem = "the policy names CID \(named), but the VMM gave this guest CID \(told)"
                return await serveWithoutAgent(
                    refusal ?? Explanation(code: "agent-unreachable", message: agent.problem ?? ""))
            }
            address = .vsock(cid: named ?? told, port: port)
        }
        agent.address = address.description
        let channel: AgentChannel
        do {
            channel = try await AgentChannel.connect(to: address)
        } catch {
            agent.problem = "cannot connect to \(address): \(error)"
            return await serveWithoutAgent(
                refusal ?? Explanation(code: "agent-unreachable", message: agent.problem ?? ""))
        }
        if case .serial = address { gate.setPort(await agentPortID(monitor)) } else { gate.ignorePorts() }
        var generator = SystemRandomNumberGenerator()
        let nonce = Nonce.random(using: &generator)
        let fence = SessionFence()
        let hello = Hello(
            role: .controller, nonce: nonce.bytes, peer: "ballast-host \(BallastVersion.current)",
            agentBalloon: engine != nil, refusal: refusal?.message ?? "", vmBytes: vmBytes ?? 0,
            granuleBytes: granuleBytes)
        let link = AgentLink(channel: channel, fence: fence, nonce: nonce, engine: engine, hello: hello)
        self.link = link
        let id = ObjectIdentifier(link)
        gate.watch(fence) { [weak self] event in
            Task { await self?.ended(link: id, because: event) }
        }
        perform(link.session.start(session: generator.next() | 1, now: BoottimeClock.now()), of: link)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [weak self] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(200))
                    await self?.sessionTick(id)
                }
            }
            await read(link, refusal)
            group.cancelAll()
        }
        return await finish(link, refusal)
    }

    private func read(_ link: AgentLink, _ refusal: Explanation?) async {
        let channel = link.channel
        await channel.read { await self.received($0, refusal) }
    }

    private func received(_ bytes: [UInt8], _ refusal: Explanation?) async {
        guard let link else { return }
        let now = BoottimeClock.now()
        link.lastHeard = now
        link.spokeAt = nil
        link.probedAt = nil
        let actions = link.session.receive(bytes, now: now)
        for action in actions {
            if case .established(let reply) = action {
                await established(link, reply, refusal)
            } else {
                perform([action], of: link)
            }
        }
    }

    private func sessionTick(_ id: ObjectIdentifier) {
        guard let link, ObjectIdentifier(link) == id else { return }
        let now = BoottimeClock.now()
        perform(link.session.tick(now: now), of: link)
        listen(link, now)
    }

    /// An agent that ended without a word, or stands still, leaves its session open: one that is silent for 10 s after
    /// it was spoken to, or for 5 minutes at rest, is asked for a sign of life, and 20 s later the session ends and the
    /// agent is dialled again. At rest it is seldom asked since an agent without a stats-period sleeps.
    private func listen(_ link: AgentLink, _ now: UInt64) {
        guard link.isLive else { return }
        if let probedAt = link.probedAt {
            guard now - min(now, probedAt) > 20_000_000_000 else { return }
            link.ending = "the agent is silent"
            link.fence.close()
            link.channel.close()
            return
        }
        let isUnanswered = link.spokeAt.map { now - min(now, $0) > 10_000_000_000 } ?? false
        if isUnanswered || now - min(now, link.lastHeard) > 300_000_000_000 {
            link.probedAt = now
            perform(link.session.send(.query(Query(topics: [.balloon]))).actions, of: link)
        }
    }

    /// QEMU reported something that ends the session.
    private func ended(link id: ObjectIdentifier, because event: String) {
        guard let link, ObjectIdentifier(link) == id, link.ending == nil else { return }
        link.ending = event
        link.fence.close()
        link.channel.close()
    }

    /// The session ends from our side: nothing of it is discarded any more once this returns.
    func endSession(_ why: String) async {
        guard let link else { return }
        if link.ending == nil { link.ending = why }
        if link.session.isEstablished, link.fence.isOpen { await drain(link) }
        await link.fence.closeAndDrain()
        link.channel.close()
    }

    /// Answers what is in flight, for a moment, so that the guest need not quarantine it.
    private func drain(_ link: AgentLink) async {
        for _ in 0..<40 where link.workers > 0 || !link.waiting.isEmpty {
            try? await Task.sleep(for: .milliseconds(50))
        }
        perform(link.session.send(.goodbye(Goodbye())).actions, of: link)
    }

    private func finish(_ link: AgentLink, _ refusal: Explanation?) async -> Bool {
        gate.unwatch()
        await link.fence.closeAndDrain()
        link.abandonRequests()
        let established = link.reply != nil
        let why = link.ending ?? link.fault.map { "\($0.code)" } ?? "the channel closed"
        agent.connected = false
        agent.since = .now
        agent.problem = "the session ended: \(why)"
        var unreachable = Explanation(
            code: "agent-unreachable",
            message: "the agent does not answer on its channel; is ballast-agent installed and running?")
        if case .refused(let failure)? = link.fault {
            // The guest's own rules: it says itself what to do.
            agent.problem = "the agent says no (\(failure.code.name)): \(String(failure.message.prefix(1024)))"
            unreachable = Explanation(code: "agent-refused", message: agent.problem ?? "")
        } else if let fault = link.fault, fault != .closed, fault != .noAnswer {
            counters.protocolErrors[fault.code.split(separator: "-").joined(separator: "_"), default: 0] += 1
            events.append(
                .protocolError, vm: policy.name, "the agent violated the protocol: \(fault)",
                fields: ["fault": .string(fault.code)], level: .warning)
        }
        if established {
            events.append(.sessionEnded, vm: policy.name, "session with the agent ended: \(why)")
        }
        if self.link === link { self.link = nil }
        // Whoever comes back asks again.
        ask = nil
        if actuator == .agent { actuator = .none }
        state = .limited
        stateDetail = agent.problem
        if !established {
            return await serveWithoutAgent(
                refusal ?? unreachable)
        }
        return true
    }

    private func established(_ link: AgentLink, _ reply: HelloReply, _ refusal: Explanation?) async {
        link.reply = reply
        gate.established(now: RealtimeClock.microseconds())
        agent.connected = true
        agent.since = .now
        agent.problem = nil
        agent.version = String(reply.agentVersion.prefix(128))
        agent.kernel = String(reply.kernel.prefix(128))
        agent.bootId = String(reply.bootId.prefix(128))
        agent.balloonAvailable = reply.balloonAvailable
        agent.balloonRefusal = Explanation(
            reply.balloonRefusal, detail: String(reply.balloonRefusalDetail.prefix(1024)))
        guestPolicy = reply.policy.map { GuestPolicy($0) }
        ask = nil
        counters.sessions += 1
        let why: Explanation?
        if link.engine == nil {
            why = refusal
        } else if !reply.balloonAvailable {
            why = agent.balloonRefusal ?? Explanation(code: "agent_balloon", message: "the guest offers no balloon")
        } else {
            why = nil
        }
        events.append(
            .connected, vm: policy.name, "connected to agent \(agent.version ?? "?") on kernel \(agent.kernel ?? "?")")
        await choose(why, link)
        givePolicies()
        await applyTarget(waiting: .zero)
    }

    /// One actuator moves a VM: the other's share is given back first.
    private func choose(_ why: Explanation?, _ link: AgentLink) async {
        actuatorReason = why
        state = .connected
        stateDetail = nil
        if why == nil {
            actuator = .agent
            if let deviceActual, let vmBytes, deviceActual < vmBytes, let monitor {
                try? await monitor.balloon(vmBytes)
            }
        } else {
            if link.reply?.heldBytes ?? 0 > 0 { send(.release(Release())) }
            useDevice()
        }
        events.append(
            .actuator, vm: policy.name,
            actuator == .agent
                ? "the agent balloon is used" : "the actuator is \(actuator.rawValue): \(why?.message ?? "")",
            fields: ["actuator": .string(actuator.rawValue), "reason": .string(why?.code ?? "")])
    }

    private func useDevice() {
        if balloonDevice != nil, policy.actuator != .agent {
            actuator = .device
        } else {
            actuator = .none
            state = .limited
            stateDetail =
                policy.actuator == .agent
                ? "the policy allows only the agent actuator: \(actuatorReason?.message ?? "")"
                : "the VM has no virtio-balloon either: \(actuatorReason?.message ?? "")"
        }
    }

    /// Uses the device until something changes; then the agent is tried again.
    private func serveWithoutAgent(_ why: Explanation) async -> Bool {
        let before = (actuator, actuatorReason)
        actuatorReason = why
        state = .connected
        stateDetail = agent.configured ? agent.problem : nil
        useDevice()
        if before.0 != actuator || before.1?.code != why.code {
            events.append(
                .actuator, vm: policy.name, "the actuator is \(actuator.rawValue): \(why.message)",
                fields: ["actuator": .string(actuator.rawValue), "reason": .string(why.code)])
        }
        await applyTarget(waiting: .zero)
        await applyPollingInterval()
        return false
    }

    /// The id by which QEMU's events name the agent's port.
    private func agentPortID(_ monitor: VirtualMachineMonitor) async -> String? {
        for folder in ["/machine/peripheral", "/machine/peripheral-anon"] {
            let ports = (try? await monitor.children(of: folder)) ?? []
            for port in ports where port.type == "virtserialport" || port.type == "virtconsole" {
                let name = try? await monitor.property("name", of: port.path)
                if name?.stringValue == "org.ballast.agent.0" {
                    return port.path.split(separator: "/").last.map(String.init)
                }
            }
        }
        return nil
    }

    // MARK: Messages

    /// Sends without waiting for an answer.
    func send(_ message: ToGuest.Message) {
        guard let link else { return }
        perform(link.session.send(message).actions, of: link)
    }

    /// Sends and waits for the answer; nil where none came in time.
    func request(_ message: ToGuest.Message, timeout: Duration) async -> ToHost.Message? {
        guard let link, link.isLive else { return nil }
        let (request, actions) = link.session.send(message)
        guard request != 0 else { return nil }
        let id = ObjectIdentifier(link)
        Task {
            try? await Task.sleep(for: timeout)
            giveUp(request, id)
        }
        return await withCheckedContinuation { continuation in
            link.pending[request] = continuation
            perform(actions, of: link)
        }
    }

    private func giveUp(_ request: UInt64, _ id: ObjectIdentifier) {
        guard let link, ObjectIdentifier(link) == id else { return }
        link.pending.removeValue(forKey: request)?.resume(returning: nil)
    }

    func perform(_ actions: [PeerSession.Action], of link: AgentLink) {
        for action in actions {
            switch action {
            case .transmit(let bytes):
                link.spokeAt = link.spokeAt ?? BoottimeClock.now()
                link.channel.send(bytes)
            case .message(let message): handle(message, link)
            case .failed(let fault):
                link.fault = link.fault ?? fault
                link.fence.close()
                link.channel.close()
            case .established: break
            }
        }
    }

    /// A violation of the guest's: counted, told, and the end of the session.
    func violate(_ link: AgentLink, _ what: String) {
        guard link.ending == nil, link.fault == nil else { return }
        link.fault = .unexpected(what)
        link.fence.close()
        link.channel.close()
    }

    private func handle(_ message: ToHost, _ link: AgentLink) {
        guard link.isLive, let body = message.message else { return }
        if let waiting = link.pending.removeValue(forKey: message.inReplyTo) {
            waiting.resume(returning: body)
            // Answers that came late or twice fall through below, where they do no harm.
            return
        }
        if let change = link.givenPolicies.removeValue(forKey: message.inReplyTo) { return take(body, to: change) }
        switch body {
        case .offer(let offer): take(offer, link)
        case .inventory(let inventory): take(inventory, link)
        case .released(let released): take(released, link)
        case .report(let report): take(report, link)
        case .targetAnswer(let answer): take(answer)
        case .policyState(let state): guestPolicy = GuestPolicy(state)
        case .event(let event): take(event)
        case .ask(let ask): take(ask)
        case .failure(let failure):
            logger.warning("the agent refuses a request: \(failure.code) \(failure.message.prefix(512))")
        case .helloReply, .releaseAnswer, .holdState: break
        }
    }

    private func take(_ released: Released, _ link: AgentLink) {
        guard let book = link.book else { return }
        backReleased(released.chunks, book)
        var changed = book
        for answer in changed.release(released.chunks) {
            switch answer {
            case .released(let bytes, _):
                counters.releasedBytes &+= bytes
                link.releasedBytes &+= bytes
            case .unknown: break
            case .inFlight: return violate(link, "a chunk in flight was released")
            }
        }
        link.book = changed
        targetReachedTold = false
        noteProgress()
    }

    private func take(_ inventory: Inventory, _ link: AgentLink) {
        if inventory.last {
            link.inventoryComplete = true
            startHeldAudit(link)
            noteProgress()
            backWhatIsNotHeld(link)
            if store.isPaused { Task { await applyTarget(waiting: .zero) } }
            return
        }
        guard link.book != nil else { return }
        guard let extents = Extent.decode(inventory.extents) else {
            count(refusal: .refusedRange, "an inventory with impossible extents")
            return violate(link, "an inventory with impossible extents")
        }
        do throws(RangeViolation) {
            try link.book?.inventory(chunk: inventory.chunk, extents: extents)
        } catch {
            count(refusal: .refusedRange, error.description)
            violate(link, "an inventory outside the rules: \(error)")
        }
    }
}
