import Testing
import Wire

@Suite("A session begins")
struct HandshakeTests {
    @Test("Resync, echo, Hello, HelloReply")
    func handshake() {
        var pair = SessionPair()
        pair.start(42)
        #expect(pair.toAgent == Frame(kind: .resync, session: 42).encoded())
        #expect(!pair.peer.isEstablished && pair.agent.role == nil)
        pair.settle()
        #expect(pair.peerSaw == [.established(HelloReply(instance: 1))])
        #expect(pair.agentSaw == [.hello(Hello(role: .controller))])
        #expect(pair.peer.isEstablished && pair.agent.role == .controller)
        #expect(pair.peer.deadline == nil && pair.agent.deadline == nil && pair.agent.faults.isEmpty)
        pair.request(.setTarget(SetTarget(targetBytes: 7)))
        pair.settle()
        let answer = ToHost(inReplyTo: 2, message: .targetAnswer(TargetAnswer(targetBytes: 7)))
        #expect(pair.peerSaw.last == .message(answer))
    }

    @Test("The handshake works in pieces of one byte")
    func byteByByte() {
        var pair = SessionPair()
        pair.start(42)
        while !pair.toAgent.isEmpty || !pair.toPeer.isEmpty {
            pair.deliverToAgent(1)
            pair.deliverToPeer(1)
        }
        #expect(pair.peer.isEstablished)
    }

    @Test("Stale bytes on both sides, whole and half frames of other sessions, do not matter")
    func stale() {
        var pair = SessionPair()
        let request = SessionPair.frame(7, ToGuest(request: 1, message: .hello(Hello(role: .controller))))
        let report = SessionPair.frame(7, ToHost(message: .report(Report())))
        pair.toAgent = [UInt8](request.suffix(5)) + request + request + [UInt8](request.prefix(9))
        let echo = FrameTests.header(kind: 2, session: 7)
        pair.toPeer = [UInt8](report.suffix(5)) + report + report + echo + [UInt8](report.prefix(9))
        pair.start(42)
        pair.settle()
        #expect(pair.failures.isEmpty)
        pair.wait(3)
        #expect(pair.peer.isEstablished && pair.agent.role == .controller)
        #expect(pair.failures.isEmpty && pair.peerSaw.count == 1 && pair.agentSaw.count == 1)
        #expect(pair.peer.staleFrames == 1)
    }

    @Test("The resync is repeated every second until its echo; each repeat is answered, and does no harm later")
    func repeated() {
        var pair = SessionPair()
        pair.start(42)
        #expect(pair.peer.deadline == pair.now + SessionPair.second)
        for _ in 0..<3 {
            pair.now += SessionPair.second
            pair.tick()
        }
        let resync = Frame(kind: .resync, session: 42).encoded() ?? []
        #expect(pair.toAgent == resync + resync + resync + resync)
        pair.settle()
        #expect(pair.peer.isEstablished && pair.agentSaw.count == 1)
        // One that was under way all the time.
        pair.toAgent += resync
        pair.settle()
        #expect(pair.peer.isEstablished && pair.agent.role == .controller && pair.endings.isEmpty)
    }

    @Test("Without an echo, and without an answer to Hello, the handshake ends after fifteen seconds")
    func timeOut() {
        var mute = SessionPair()
        mute.start(42)
        for _ in 0..<15 {
            #expect(mute.failures.isEmpty)
            mute.now += SessionPair.second
            mute.tick()
        }
        #expect(mute.failures == [.noAnswer] && mute.peer.deadline == nil)

        var deaf = SessionPair()
        deaf.start(42)
        deaf.deliverToAgent()
        deaf.deliverToPeer()
        deaf.toAgent = []
        #expect(deaf.peer.deadline == deaf.now + 15 * SessionPair.second)
        deaf.now += 15 * SessionPair.second - 1
        deaf.tick()
        #expect(deaf.failures.isEmpty)
        deaf.now += 1
        deaf.tick()
        #expect(deaf.failures == [.noAnswer])
        // Nothing more comes from a session that is over.
        deaf.toPeer += Frame(kind: .resyncEcho, session: 42).encoded() ?? []
        deaf.deliverToPeer()
        deaf.perform(deaf.peer.closed())
        #expect(deaf.peerSaw.count == 1 && deaf.peer.send(.release(Release())).actions.isEmpty)
    }

    @Test("A refusal of Hello ends the peer's session and lets another peer try")
    func refused() {
        var pair = SessionPair()
        pair.rejects = Failure(code: .busy, message: "taken")
        pair.start(42)
        pair.settle()
        #expect(pair.failures == [.refused(Failure(code: .busy, message: "taken"))] && pair.agent.role == nil)
        pair.rejects = nil
        pair.restartPeer(session: 43)
        pair.settle()
        #expect(pair.peer.isEstablished && pair.endings.isEmpty)
    }

    @Test("What the agent wants to say before it has accepted the peer does not break the handshake")
    func early() {
        var pair = SessionPair()
        let report = ToHost.Message.report(Report())
        #expect(pair.agent.send(report).isEmpty)
        pair.start(42)
        pair.deliverToAgent()
        pair.deliverToPeer()
        pair.perform(pair.agent.send(report))
        pair.settle()
        #expect(pair.failures.isEmpty && pair.peer.isEstablished)
        pair.perform(pair.agent.send(report))
        pair.settle()
        #expect(pair.peerSaw.last == .message(ToHost(message: report)))
    }

    @Test("Session number 0 and a second start are mistakes that end the session")
    func misuse() {
        var zero = SessionPair()
        zero.start(0)
        #expect(zero.failures == [.unexpected("start")])
        var twice = SessionPair()
        twice.start(1)
        twice.start(2)
        #expect(twice.failures == [.unexpected("start")])
        var agent = AgentSession(allowedRoles: [.controller])
        #expect(agent.accept(HelloReply()).isEmpty && agent.reject(Failure()).isEmpty && agent.role == nil)
    }
}
