import Testing
import Wire

@Suite("What a session may do")
struct SessionRulesTests {
    private func established(_ role: Role, allowed: Set<Role>) -> SessionPair {
        var pair = SessionPair(role: role, allowed: allowed)
        pair.start(42)
        pair.settle()
        return pair
    }

    private static let everyRequest: [ToGuest.Message] = [
        .setTarget(SetTarget()), .offerResult(OfferResult()), .query(Query()), .setPolicy(SetPolicy()),
        .release(Release()), .reoffer(Reoffer()), .goodbye(Goodbye()),
        .hold(Hold(milliseconds: 3_600_000)),
    ]

    @Test("Each role may ask its own requests; the others are answered with notAllowed")
    func roles() {
        let allowed: [(Role, Set<Int>)] = [
            (.controller, [0, 1, 2, 3, 4, 5, 6]), (.observer, [2, 6]), (.localAdmin, [2, 3, 4, 6, 7]),
        ]
        for (role, permitted) in allowed {
            for (index, request) in Self.everyRequest.enumerated() {
                var pair = established(role, allowed: [.controller, .observer, .localAdmin])
                pair.request(request)
                pair.settle()
                #expect(pair.requests == (permitted.contains(index) ? [request] : []), "\(role) \(request)")
                #expect(pair.refusals == (permitted.contains(index) ? [] : [.notAllowed]), "\(role) \(request)")
                #expect(pair.peer.isEstablished && pair.agent.role == role)
            }
        }
    }

    @Test("A role is taken only over a channel that allows it")
    func channels() {
        for role in [Role.unspecified, .controller, .observer, .localAdmin, Role(rawValue: -1), Role(rawValue: 9)] {
            for allowed: Set<Role> in [[], [.controller, .observer], [.localAdmin], [.observer]] {
                let pair = established(role, allowed: allowed)
                #expect(pair.peer.isEstablished == allowed.contains(role))
                #expect(pair.agentSaw.isEmpty == !allowed.contains(role))
                if !allowed.contains(role), case .refused(let failure)? = pair.failures.first {
                    #expect(failure.code == .notAllowed)
                }
            }
        }
    }

    @Test("A second Hello is refused and changes nothing")
    func secondHello() {
        var pair = established(.observer, allowed: [.controller, .observer])
        pair.request(.hello(Hello(role: .controller)))
        pair.settle()
        #expect(pair.refusals == [.outOfOrder] && pair.agent.role == .observer && pair.peer.isEstablished)
        #expect(pair.agentSaw.count == 1)
    }

    @Test("Two Hellos at once: the second is refused while the first is being decided")
    func helloWhileDeciding() {
        var agent = AgentSession(allowedRoles: [.controller, .observer])
        func hello(_ role: Role) -> [UInt8] {
            SessionPair.frame(5, ToGuest(request: 1, message: .hello(Hello(role: role))))
        }
        let actions = agent.receive(FrameTests.header(kind: 1) + hello(.observer) + hello(.controller), now: 1)
        #expect(actions.contains(.hello(Hello(role: .observer))))
        #expect(!actions.contains(.hello(Hello(role: .controller))))
        _ = agent.accept(HelloReply())
        #expect(agent.role == .observer)
    }

    @Test("What is longer than a frame is not sent: the caller hears of it, and so does whoever asked")
    func unsent() {
        var pair = established(.controller, allowed: [.controller])
        let long = ToHost.Message.failure(Failure(message: String(repeating: "a", count: Frame.maximumPayload)))
        let actions = pair.agent.send(long)
        guard case .unsent(let bytes)? = actions.first, actions.count == 1 else {
            Issue.record("\(actions.count) actions")
            return
        }
        #expect(bytes > Frame.maximumPayload)
        let answers = pair.agent.send(long, inReplyTo: 77)
        pair.perform(answers)
        pair.settle()
        #expect(pair.agentSaw.last.map { if case .unsent = $0 { true } else { false } } == true)
        #expect(pair.refusals == [.internalError])
        #expect(pair.peer.isEstablished)
    }

    @Test("A Hello that was replaced in the same piece of input is not put up for decision")
    func helloReplaced() {
        var agent = AgentSession(allowedRoles: [.controller, .observer])
        func opening(_ session: UInt8, _ role: Role) -> [UInt8] {
            FrameTests.header(kind: 1, session: session)
                + SessionPair.frame(UInt64(session), ToGuest(request: 1, message: .hello(Hello(role: role))))
        }
        // Whoever vetted the observer must not let the controller in.
        var actions = agent.receive(opening(5, .observer) + opening(6, .controller), now: 1)
        #expect(actions.contains(.hello(Hello(role: .controller))))
        #expect(!actions.contains(.hello(Hello(role: .observer))) && !actions.contains(.ended(.replaced)))
        #expect(!agent.accept(HelloReply()).isEmpty && agent.role == .controller)
        // Reported once, the end is reported too.
        actions = agent.receive(opening(7, .observer) + opening(8, .controller), now: 1)
        #expect(actions.filter { $0 == .ended(.replaced) }.count == 1)
        #expect(actions.first == .ended(.replaced) && actions.last == .hello(Hello(role: .controller)))
        actions = agent.receive(opening(9, .observer), now: 1)
        #expect(actions.first == .ended(.replaced) && agent.role == nil)
    }

    @Test("A request before Hello is out of order")
    func beforeHello() {
        for request in Self.everyRequest {
            var pair = SessionPair()
            pair.perform(pair.agent.receive(FrameTests.header(kind: 1), now: 1))
            pair.toPeer = []
            pair.perform(pair.agent.receive(SessionPair.frame(5, ToGuest(request: 9, message: request)), now: 1))
            var decoder = FrameDecoder(frameDeadline: 1)
            let answers = decoder.feed(pair.toPeer, now: 1).compactMap { try? ToHost(decoding: $0.payload) }
            #expect(answers.map(\.inReplyTo) == [9] && pair.agentSaw.isEmpty)
            if case .failure(let failure)? = answers.first?.message { #expect(failure.code == .outOfOrder) }
        }
    }

    @Test("An unknown request is answered with unknownRequest under its number")
    func unknown() {
        var pair = established(.controller, allowed: [.controller])
        let payload = RawField.number(1, 77) + RawField.delimited(900, [1, 2, 3])
        pair.toAgent += Frame(kind: .data, session: 42, payload: payload).encoded() ?? []
        pair.settle()
        #expect(pair.refusals == [.unknownRequest] && pair.requests.isEmpty && pair.peer.isEstablished)
        if case .message(let answer)? = pair.peerSaw.last { #expect(answer.inReplyTo == 77) }
        // A message of the agent that this peer does not know is passed on without a body.
        pair.toPeer += Frame(kind: .data, session: 42, payload: RawField.delimited(900, [])).encoded() ?? []
        pair.settle()
        #expect(pair.peerSaw.last == .message(ToHost()) && pair.peer.isEstablished)
    }

    @Test("A payload that is no message: the agent answers and goes on, the peer gives up")
    func malformed() {
        var pair = established(.controller, allowed: [.controller])
        pair.toAgent += Frame(kind: .data, session: 42, payload: [0xFF]).encoded() ?? []
        pair.settle()
        #expect(pair.refusals == [.malformed] && pair.agent.role == .controller)
        pair.request(.setTarget(SetTarget(targetBytes: 3)))
        pair.settle()
        #expect(pair.requests.count == 1)
        pair.toPeer += Frame(kind: .data, session: 42, payload: [0xFF]).encoded() ?? []
        pair.settle()
        #expect(pair.failures == [.malformed(.truncated)] && !pair.peer.isEstablished)
    }

    @Test("Any bad frame after the echo ends the peer's session under its name; the agent goes on")
    func badFrames() {
        let damaged: [([UInt8], FrameFault)] = [
            ([0], .garbage), (FrameTests.header(version: 9), .badVersion), (FrameTests.header(kind: 9), .badHeader),
            (FrameTests.header(length: .max), .tooLong), (FrameTests.header().dropLast() + [0], .badChecksum),
        ]
        for (bytes, fault) in damaged {
            var pair = established(.controller, allowed: [.controller])
            pair.toPeer += bytes
            pair.toAgent += bytes
            pair.settle()
            #expect(pair.failures == [.frame(fault)])
            #expect(pair.agent.role == .controller && pair.agent.faults == [fault: 1])
        }
    }

    @Test("Messages out of order end the peer's session")
    func peerOrder() {
        let early = SessionPair.frame(42, ToHost(message: .report(Report())))
        var pair = SessionPair()
        pair.start(42)
        pair.deliverToAgent()
        pair.deliverToPeer()
        pair.toPeer = early
        pair.deliverToPeer()
        #expect(pair.failures == [.unexpected("message before HelloReply")])

        var second = established(.controller, allowed: [.controller])
        second.toPeer = SessionPair.frame(42, ToHost(message: .helloReply(HelloReply())))
        second.settle()
        #expect(second.failures == [.unexpected("second HelloReply")])

        var resync = established(.controller, allowed: [.controller])
        resync.toPeer = Frame(kind: .resync, session: 42).encoded() ?? []
        resync.settle()
        #expect(resync.failures == [.unexpected("resync frame")])
    }

    @Test("A guest that floods is cut off at the limit, and one that keeps the rate is not")
    func flooding() {
        let report = SessionPair.frame(42, ToHost(message: .report(Report())))
        var limits = PeerSession.Limits()
        limits.burst = 10
        limits.rate = 100
        var pair = SessionPair(limits: limits)
        pair.start(42)
        pair.settle()
        for _ in 0..<50 {
            pair.now += SessionPair.second / 100
            pair.toPeer += report
            pair.settle()
        }
        #expect(pair.failures.isEmpty && pair.peerSaw.count == 51)
        for _ in 0..<100 { pair.toPeer += report }
        pair.settle()
        #expect(pair.failures == [.flooding] && pair.peerSaw.count < 51 + 12)
    }

    @Test("A request that is longer than a frame ends the session instead of vanishing")
    func tooLong() {
        var pair = established(.controller, allowed: [.controller])
        pair.request(.reoffer(Reoffer(chunks: [UInt64](repeating: .max, count: 8000))))
        #expect(pair.failures == [.tooLong] && pair.toAgent.isEmpty)
    }
}
