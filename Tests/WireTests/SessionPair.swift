import Wire

/// A dialling peer and an agent, wired back to back in memory with a clock of their own. The agent accepts every
/// Hello that the session machine reports, echoes set_target's number in its answers, and says who it is.
struct SessionPair {
    static let second: UInt64 = 1_000_000_000

    var peer: PeerSession
    var agent: AgentSession
    /// Bytes under way.
    var toAgent: [UInt8] = []
    var toPeer: [UInt8] = []
    var now: UInt64 = 1_000_000_000
    /// What came out of both sides, without the bytes they sent.
    var peerSaw: [PeerSession.Action] = []
    var agentSaw: [AgentSession.Action] = []
    /// The number of the agent process; its HelloReply carries it.
    var instance: UInt64 = 1
    var rejects: Failure?

    init(
        role: Role = .controller, allowed: Set<Role> = [.controller, .observer], limits: PeerSession.Limits = .init(),
        label: String = ""
    ) {
        peer = PeerSession(hello: Hello(role: role, peer: label), limits: limits)
        agent = AgentSession(allowedRoles: allowed)
    }

    mutating func perform(_ actions: [PeerSession.Action]) {
        for action in actions {
            if case .transmit(let bytes) = action { toAgent += bytes } else { peerSaw.append(action) }
        }
    }

    mutating func perform(_ actions: [AgentSession.Action]) {
        for action in actions {
            switch action {
            case .transmit(let bytes): toPeer += bytes
            case .hello:
                agentSaw.append(action)
                if let rejects {
                    perform(agent.reject(rejects))
                } else {
                    perform(agent.accept(HelloReply(instance: instance)))
                }
            case .request(let number, .setTarget(let target)):
                agentSaw.append(action)
                perform(agent.send(.targetAnswer(TargetAnswer(targetBytes: target.targetBytes)), inReplyTo: number))
            case .request, .unsent, .ended: agentSaw.append(action)
            }
        }
    }

    mutating func start(_ session: UInt64) { perform(peer.start(session: session, now: now)) }

    /// A new process on the host's side.
    mutating func restartPeer(role: Role = .controller, label: String = "", session: UInt64) {
        peer = PeerSession(hello: Hello(role: role, peer: label))
        start(session)
    }

    /// A new process on the agent's side.
    mutating func restartAgent(allowed: Set<Role> = [.controller, .observer]) {
        agent = AgentSession(allowedRoles: allowed)
        instance += 1
    }

    mutating func deliverToAgent(_ count: Int = .max) {
        let piece = Array(toAgent.prefix(count))
        toAgent.removeFirst(piece.count)
        perform(agent.receive(piece, now: now))
    }

    mutating func deliverToPeer(_ count: Int = .max) {
        let piece = Array(toPeer.prefix(count))
        toPeer.removeFirst(piece.count)
        perform(peer.receive(piece, now: now))
    }

    /// Delivers until nothing is under way.
    mutating func settle() {
        while !toAgent.isEmpty || !toPeer.isEmpty {
            deliverToAgent()
            deliverToPeer()
        }
    }

    mutating func tick() {
        perform(agent.tick(now: now))
        perform(peer.tick(now: now))
    }

    /// Lets time pass in steps, delivering everything.
    mutating func wait(_ seconds: Double) {
        let stop = now + UInt64(seconds * 1e9)
        while now < stop {
            now += min(SessionPair.second / 4, stop - now)
            tick()
            settle()
        }
    }

    /// Sends a request of the established session as it would travel.
    mutating func request(_ message: ToGuest.Message) { perform(peer.send(message).actions) }

    var establishedReplies: [HelloReply] {
        peerSaw.compactMap { if case .established(let reply) = $0 { reply } else { nil } }
    }

    var failures: [SessionFault] { peerSaw.compactMap { if case .failed(let fault) = $0 { fault } else { nil } } }

    /// Codes of the Failure messages that the peer got.
    var refusals: [Failure.Code] {
        peerSaw.compactMap {
            if case .message(let message) = $0, case .failure(let failure) = message.message {
                failure.code
            } else {
                nil
            }
        }
    }

    var requests: [ToGuest.Message] {
        agentSaw.compactMap { if case .request(_, let message) = $0 { message } else { nil } }
    }

    var endings: [SessionFault] { agentSaw.compactMap { if case .ended(let fault) = $0 { fault } else { nil } } }

    /// A data frame towards the agent or the peer.
    static func frame(_ session: UInt64, _ message: some WireMessage) -> [UInt8] {
        Frame(kind: .data, session: session, payload: message.encoded()).encoded() ?? []
    }
}
