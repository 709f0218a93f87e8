import Wire

/// The agent's side of one stream under bytes, times and calls in any order.
///
/// Byte 0: bits 0 ... 2 allow the roles controller, observer and local administrator. Then operations: a byte modulo
/// 16, followed by its arguments; with bit 7 what is to be received waits for the next piece.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAgentSession(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    var run = AgentRun(roles: input.byte())
    while !input.isEmpty { run.step(&input) }
    run.close()
    return 0
}

private struct AgentRun {
    private let allowed: Set<Role>
    private var agent: AgentSession
    private var build = FrameInput()
    private var now: UInt64 = 1_000_000_000
    /// The session of the last resync that was sent whole, and of the last echo.
    private var session: UInt64 = 1
    private var echoed: UInt64?
    /// Whether a Hello was reported whose session has not ended; whether it was accepted.
    private var live = false
    private var accepted = false
    /// The role of that Hello. The agent's own `role` may be a later session's, or none, when a request that came in the
    /// same piece as the next resync is looked at.
    private var role: Role?

    private static let requests: [ToGuest.Message] = [
        .setTarget(SetTarget(targetBytes: 1 << 30, vmBytes: 1 << 31)), .offerResult(OfferResult()), .query(Query()),
        .setPolicy(SetPolicy(statsPeriodMilliseconds: 100)), .release(Release()), .reoffer(Reoffer(chunks: [1])),
        .goodbye(Goodbye()), .hello(Hello(role: .observer)), .hold(Hold(milliseconds: .max)),
    ]

    init(roles: UInt8) {
        let known: [Role] = [.controller, .observer, .localAdmin]
        allowed = Set(known.enumerated().filter { roles >> UInt8($0.offset) & 1 == 1 }.map(\.element))
        agent = AgentSession(allowedRoles: allowed)
    }

    mutating func step(_ input: inout FuzzInput) {
        let operation = input.byte()
        switch operation & 15 {
        case 0: build.append(input.bytes())
        case 1:
            session = input.number()
            build.append(Frame(kind: .resync, session: session), &input)
        case 2:
            let hello = Hello(role: Role(rawValue: Int32(input.byte() % 5)), nonce: input.bytes(), peer: "fuzz")
            build.append(Frame(kind: .data, session: session, payload: encoded(.hello(hello), &input)), &input)
        case 3:
            let request = Self.requests[Int(input.byte()) % Self.requests.count]
            build.append(Frame(kind: .data, session: session, payload: encoded(request, &input)), &input)
        case 4: build.appendAny(session: session, &input)
        case 5: build.appendAny(session: input.number(), &input)
        case 6: build.append(Frame(kind: .resyncEcho, session: session), &input)
        case 7: return input.move(&now)
        case 8: return take(agent.tick(now: now))
        case 9: return expire()
        case 10: return accept()
        case 11: return reject(input.byte())
        case 12: return send(&input)
        case 13: return close()
        case 14: return receive(first: Int(input.byte()))
        default: break
        }
        if operation & 0x80 == 0 { receive(first: build.waitingCount) }
    }

    private func encoded(_ message: ToGuest.Message, _ input: inout FuzzInput) -> [UInt8] {
        ToGuest(request: input.number(), message: message).encoded()
    }

    private mutating func receive(first count: Int) {
        take(agent.receive(build.next(count), now: now))
    }

    private mutating func expire() {
        guard let deadline = agent.deadline else { return }
        take(agent.tick(now: deadline))
        require(agent.deadline != deadline, "a deadline that was kept does not come again at once")
    }

    private mutating func accept() {
        let waits = live && !accepted
        accepted = accepted || waits
        let actions = agent.accept(HelloReply(agentVersion: "fuzz", instance: 1))
        require(actions.count == (waits ? 1 : 0), "exactly a reported Hello is answered")
        take(actions)
    }

    private mutating func reject(_ code: UInt8) {
        let waits = live && !accepted
        let actions = agent.reject(Failure(code: Failure.Code(rawValue: Int32(code)), message: "no"))
        require(actions.count == (waits ? 1 : 0), "exactly a reported Hello is rejected")
        if waits { live = false }
        take(actions)
    }

    private mutating func send(_ input: inout FuzzInput) {
        let choice = input.byte()
        let message: ToHost.Message
        if choice & 1 == 0 {
            let fields = choice & 2 == 0 ? [] : [UInt64](repeating: .max, count: Int(choice) * 64)
            message = .offer(Offer(chunk: 1, sequence: 1, bytes: 4096, extents: fields))
        } else {
            guard let decoded = try? ToHost(decoding: input.bytes()).message else { return }
            message = decoded
        }
        let actions = agent.send(message, inReplyTo: input.number())
        require(accepted || actions.isEmpty, "nothing is sent without a session")
        take(actions)
    }

    /// The stream ends: with it the session, if there is one.
    mutating func close() {
        let wasLive = live
        let actions = agent.closed()
        require(actions == (wasLive ? [.ended(.closed)] : []), "the end of the stream is told once")
        build.forget()
        take(actions)
        require(agent.deadline == nil, "nothing waits on a stream that ended")
    }

    private mutating func take(_ actions: [AgentSession.Action]) {
        for action in actions {
            switch action {
            case .transmit(let bytes): sent(FrameInput.only(bytes))
            case .hello(let hello):
                require(!live, "a Hello is reported only when no session is live")
                require(allowed.contains(hello.role), "only allowed roles are reported")
                live = true
                role = hello.role
            case .request(_, let message):
                require(live && accepted, "requests come on accepted sessions only")
                if case .hello = message { require(false, "Hello is no request") }
                if case .setTarget = message { require(role == .controller, "only a controller sets targets") }
                if case .hold = message { require(role == .localAdmin, "only the guest's administrator holds") }
            case .unsent(let bytes): require(bytes > Frame.maximumPayload, "only what is too long is not sent")
            case .ended:
                require(live, "only what was reported ends")
                (live, accepted) = (false, false)
            }
        }
        require((agent.role != nil) == accepted, "the role is that of the accepted session")
    }

    private mutating func sent(_ frame: Frame) {
        switch frame.kind {
        case .resyncEcho: echoed = frame.session
        case .resync: require(false, "the agent never sends a resync")
        case .data:
            require(frame.session == echoed, "data belongs to the session that was echoed last")
            require((try? ToHost(decoding: frame.payload)) != nil, "what the agent sends is a message")
        }
    }
}
