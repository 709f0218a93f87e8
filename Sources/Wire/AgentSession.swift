/// The agent's side of one stream: bytes and times in, actions out. A resync frame begins a session at any moment and
/// ends the one before.
public struct AgentSession: Sendable {
    /// What the caller has to do.
    public enum Action: Sendable, Hashable {
        /// Send these bytes.
        case transmit([UInt8])
        /// A peer introduces itself: answer with ``AgentSession/accept(_:)`` or ``AgentSession/reject(_:)``.
        case hello(Hello)
        /// A request that the session's role allows. Answer with ``AgentSession/send(_:inReplyTo:)``.
        case request(UInt64, ToGuest.Message)
        /// A message whose payload has that many bytes is longer than a frame may be: it was not sent. Whoever asked for
        /// it is told so by a Failure, which is among the actions.
        case unsent(bytes: Int)
        /// A session whose Hello was reported is over.
        case ended(SessionFault)

        fileprivate var isHello: Bool {
            if case .hello = self { true } else { false }
        }
    }

    private enum State: Hashable {
        case unsynchronised
        case synchronised
        case deciding(request: UInt64, Role)
        case established(Role)
    }

    private let allowedRoles: Set<Role>
    private let refusal: String
    private var decoder: FrameDecoder
    private var state = State.unsynchronised
    private var session: UInt64 = 0
    /// Frames of other sessions that were dropped.
    public private(set) var staleFrames: UInt64 = 0

    /// A stream over which `allowedRoles` may be taken; frames have `frameDeadline` nanoseconds to arrive whole.
    /// - Parameters:
    ///   - refusal: Why no other role may be, for the peer.
    ///   - stopsAtFault: Whether a bad frame ends the stream: where nothing of an earlier peer can be on it. The caller
    ///     sees it in ``faults``.
    public init(
        allowedRoles: Set<Role>, refusal: String = "", stopsAtFault: Bool = false,
        frameDeadline: UInt64 = 2_000_000_000
    ) {
        self.allowedRoles = allowedRoles
        self.refusal = refusal
        decoder = FrameDecoder(frameDeadline: frameDeadline, resyncOpens: true)
        decoder.onlyResync = true
        decoder.stopsAtFault = stopsAtFault
    }

    /// The role of the accepted session.
    public var role: Role? {
        if case .established(let role) = state { role } else { nil }
    }

    /// Bad frames seen so far.
    public var faults: [FrameFault: UInt64] { decoder.faults }

    /// When ``tick(now:)`` has something to do.
    public var deadline: UInt64? { decoder.deadline }

    /// Takes bytes from the stream.
    public mutating func receive(_ bytes: some Sequence<UInt8>, now: UInt64) -> [Action] {
        handle(decoder.feed(bytes, now: now))
    }

    /// Lets time pass.
    public mutating func tick(now: UInt64) -> [Action] { handle(decoder.expire(now: now)) }

    /// The stream ended; a new peer may follow on the same stream.
    public mutating func closed() -> [Action] {
        decoder.reset()
        return end(.closed)
    }

    /// Accepts the peer whose Hello was reported.
    public mutating func accept(_ reply: HelloReply) -> [Action] {
        guard case .deciding(let request, let role) = state else { return [] }
        state = .established(role)
        return send(.helloReply(reply), inReplyTo: request)
    }

    /// Turns the peer whose Hello was reported away.
    public mutating func reject(_ failure: Failure) -> [Action] {
        guard case .deciding(let request, _) = state else { return [] }
        state = .synchronised
        return post(.failure(failure), request)
    }

    /// Sends `message` on the accepted session; nothing where there is none, since a peer that waits for its HelloReply
    /// takes anything else for a fault.
    public mutating func send(_ message: ToHost.Message, inReplyTo request: UInt64 = 0) -> [Action] {
        if role == nil { return [] }
        return post(message, request)
    }

    private func post(_ message: ToHost.Message, _ request: UInt64) -> [Action] {
        let payload = ToHost(inReplyTo: request, message: message).encoded()
        if let bytes = Frame(kind: .data, session: session, payload: payload).encoded() { return [.transmit(bytes)] }
        let unsent = Action.unsent(bytes: payload.count)
        if request == 0 { return [unsent] }
        return [unsent] + refuse(request, .internalError, "The answer is longer than a frame may be")
    }

    private mutating func end(_ fault: SessionFault) -> [Action] {
        let accepted =
            switch state {
            case .established, .deciding: true
            case .synchronised, .unsynchronised: false
            }
        state = .unsynchronised
        decoder.onlyResync = true
        return accepted ? [.ended(fault)] : []
    }

    private mutating func handle(_ frames: [Frame]) -> [Action] {
        var actions: [Action] = []
        for frame in frames {
            var next = handle(frame)
            if case .ended? = next.first, let hello = actions.firstIndex(where: \.isHello) {
                // Replaced before the caller heard of it: nobody may decide about it, least of all for the next Hello.
                actions.remove(at: hello)
                next.removeFirst()
            }
            actions += next
        }
        // What the dead session left behind is expected before the first resync; a bad frame after it ends nothing:
        // the host repeats its handshake when it misses an answer.
        _ = decoder.takeFault()
        return actions
    }

    private mutating func handle(_ frame: Frame) -> [Action] {
        switch frame.kind {
        case .resync:
            if frame.session == session && state != .unsynchronised {
                // Repeated before our echo arrived.
                return [.transmit(Frame(kind: .resyncEcho, session: session).encoded() ?? [])]
            }
            var actions = end(.replaced)
            session = frame.session
            state = .synchronised
            decoder.onlyResync = false
            actions.append(.transmit(Frame(kind: .resyncEcho, session: session).encoded() ?? []))
            return actions
        case .resyncEcho:
            return []
        case .data:
            guard state != .unsynchronised, frame.session == session else {
                staleFrames &+= 1
                return []
            }
            do throws(ProtobufError) {
                return handle(try ToGuest(decoding: frame.payload))
            } catch {
                return refuse(0, .malformed, "The payload is no ToGuest message: \(error)")
            }
        }
    }

    private func refuse(_ request: UInt64, _ code: Failure.Code, _ message: String) -> [Action] {
        post(.failure(Failure(code: code, message: message)), request)
    }

    private mutating func handle(_ message: ToGuest) -> [Action] {
        guard let body = message.message else {
            return refuse(message.request, .unknownRequest, "This agent does not know the request")
        }
        if case .hello(let hello) = body {
            guard state == .synchronised else {
                return refuse(
                    message.request, .outOfOrder, "Hello was said already; a new session begins with a resync")
            }
            guard allowedRoles.contains(hello.role) else {
                return refuse(
                    message.request, .notAllowed,
                    refusal.isEmpty ? "The role \(hello.role) cannot be taken over this channel" : refusal)
            }
            state = .deciding(request: message.request, hello.role)
            return [.hello(hello)]
        }
        guard case .established(let role) = state else {
            return refuse(message.request, .outOfOrder, "Say Hello first")
        }
        guard AgentSession.permits(role, body) else {
            return refuse(message.request, .notAllowed, "The role \(role) may not ask this")
        }
        return [.request(message.request, body)]
    }

    /// What each role may ask.
    private static func permits(_ role: Role, _ message: ToGuest.Message) -> Bool {
        switch message {
        case .hello, .query, .goodbye: true
        case .setTarget, .offerResult, .reoffer: role == .controller
        case .setPolicy, .release: role == .controller || role == .localAdmin
        case .hold: role == .localAdmin
        }
    }
}
