import Wire

/// The dialling side of a session under bytes, times and calls in any order.
///
/// Byte 0: bit 0 a burst of three messages only, bit 1 not started at first. Then operations: a byte modulo 16,
/// followed by its arguments; with bit 7 what is to be received waits for the next piece.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPeerSession(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    var run = PeerRun(options: input.byte())
    while !input.isEmpty { run.step(&input) }
    run.close()
    return 0
}

private struct PeerRun {
    private var peer: PeerSession
    private var build = FrameInput()
    private var now: UInt64 = 1_000_000_000
    private var session: UInt64 = 7
    private var lastRequest: UInt64 = 0
    private var established = false
    private var over = false

    private static let answers: [ToHost.Message] = [
        .inventory(Inventory(chunk: 1, bytes: 4096, extents: [1, 1])), .inventory(Inventory(last: true)),
        .offer(Offer(chunk: 2, sequence: 1, bytes: 4096, extents: [2, 1])), .released(Released(chunks: [1])),
        .report(Report(memory: MemoryReport(nodes: [NodeMemory()]))), .targetAnswer(TargetAnswer()),
        .policyState(PolicyState()), .event(Event()), .failure(Failure(code: .busy)), .releaseAnswer(ReleaseAnswer()),
    ]

    init(options: UInt8) {
        var limits = PeerSession.Limits()
        if options & 1 == 1 { (limits.burst, limits.rate) = (3, 1) }
        peer = PeerSession(hello: Hello(role: .controller, peer: "fuzz"), limits: limits)
        if options & 2 == 0 { take(peer.start(session: session, now: now)) }
    }

    mutating func step(_ input: inout FuzzInput) {
        let operation = input.byte()
        switch operation & 15 {
        case 0: build.append(input.bytes())
        case 1: build.append(Frame(kind: .resyncEcho, session: session), &input)
        case 2:
            let reply = HelloReply(agentVersion: "fuzz", instance: input.number(), policy: PolicyState())
            build.append(Frame(kind: .data, session: session, payload: encoded(.helloReply(reply), &input)), &input)
        case 3:
            let answer = Self.answers[Int(input.byte()) % Self.answers.count]
            build.append(Frame(kind: .data, session: session, payload: encoded(answer, &input)), &input)
        case 4: build.appendAny(session: session, &input)
        case 5: build.appendAny(session: input.number(), &input)
        case 6: build.append(Frame(kind: .resync, session: session), &input)
        case 7: return input.move(&now)
        case 8: return take(peer.tick(now: now))
        case 9: return expire()
        case 10: return restart(input.number())
        case 11, 12: return send(&input)
        case 13: return close()
        case 14: return receive(first: Int(input.byte()))
        default: break
        }
        if operation & 0x80 == 0 { receive(first: build.waitingCount) }
    }

    private func encoded(_ message: ToHost.Message, _ input: inout FuzzInput) -> [UInt8] {
        ToHost(inReplyTo: input.number(), message: message).encoded()
    }

    private mutating func receive(first count: Int) {
        take(peer.receive(build.next(count), now: now))
    }

    private mutating func expire() {
        guard let deadline = peer.deadline else { return }
        take(peer.tick(now: deadline))
        require(peer.deadline != deadline, "a deadline that was kept does not come again at once")
    }

    private mutating func restart(_ number: UInt64) {
        let idle = lastRequest == 0 && !over && peer.deadline == nil
        if idle { session = number }
        let actions = peer.start(session: number, now: now)
        require(idle && number != 0 || over || actions == [.failed(.unexpected("start"))], "a session starts once")
        take(actions)
    }

    private mutating func send(_ input: inout FuzzInput) {
        let choice = input.byte()
        let message: ToGuest.Message
        if choice & 1 == 0 {
            let chunks = choice & 2 == 0 ? [] : [UInt64](repeating: .max, count: Int(choice) * 64)
            message = .reoffer(Reoffer(chunks: chunks))
        } else {
            guard let decoded = try? ToGuest(decoding: input.bytes()).message else { return }
            message = decoded
        }
        let answer = peer.send(message)
        require((answer.request != 0) == (established && !over), "exactly an established session sends")
        take(answer.actions)
    }

    /// The stream ends: with it the session.
    mutating func close() {
        let actions = peer.closed()
        require(actions == (over ? [] : [.failed(.closed)]), "the end is told once")
        take(actions)
    }

    private mutating func take(_ actions: [PeerSession.Action]) {
        for action in actions {
            require(!over, "nothing comes after the end")
            switch action {
            case .transmit(let bytes): sent(FrameInput.only(bytes))
            case .established:
                require(!established, "a session is established once")
                established = true
            case .message: require(established, "messages come on established sessions only")
            case .failed: over = true
            }
        }
        require(peer.isEstablished == (established && !over), "the state is what was told")
        require(!over || peer.deadline == nil, "nothing waits after the end")
    }

    private mutating func sent(_ frame: Frame) {
        require(frame.session == session, "a session sends under its own number")
        switch frame.kind {
        case .resync: require(lastRequest == 0, "no resync after Hello")
        case .resyncEcho: require(false, "the peer never sends an echo")
        case .data:
            guard let message = try? ToGuest(decoding: frame.payload) else {
                fatalError("broken promise: what the peer sends is a message")
            }
            require(message.request > lastRequest, "request numbers rise")
            lastRequest = message.request
        }
    }
}
