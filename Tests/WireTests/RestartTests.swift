import Testing
import Wire

@Suite("A session ends, and another takes its place")
struct RestartTests {
    private func established() -> SessionPair {
        var pair = SessionPair()
        pair.start(42)
        pair.settle()
        return pair
    }

    @Test("A host that comes back with a new number replaces its old session")
    func hostRestarts() {
        var pair = established()
        pair.restartPeer(session: 43)
        pair.settle()
        #expect(pair.peer.isEstablished && pair.agent.role == .controller)
        #expect(pair.endings == [.replaced] && pair.establishedReplies.count == 2)
    }

    @Test("A host that died in the middle of a frame is replaced once that frame's deadline has passed")
    func hostDiesMidFrame() {
        var pair = established()
        let frame = SessionPair.frame(
            42, ToGuest(message: .reoffer(Reoffer(chunks: [UInt64](repeating: 9, count: 900)))))
        pair.toAgent = [UInt8](frame.dropLast(200))
        pair.restartPeer(session: 43)
        pair.settle()
        pair.wait(1.5)
        #expect(!pair.peer.isEstablished && pair.endings.isEmpty)
        pair.wait(2)
        #expect(pair.peer.isEstablished && pair.failures.isEmpty && pair.endings == [.replaced])
        #expect(pair.agent.faults[.timedOut] == 1 && pair.requests.isEmpty)
    }

    @Test("An agent that restarted drops the old session's frames; the host's next session works")
    func agentRestarts() {
        var pair = established()
        pair.restartAgent()
        pair.request(.setTarget(SetTarget(targetBytes: 1)))
        pair.settle()
        #expect(pair.requests.isEmpty && pair.agent.role == nil)
        pair.restartPeer(session: 43)
        pair.settle()
        #expect(pair.establishedReplies.map(\.instance) == [1, 2])
    }

    @Test("An agent that restarted in the middle of its answer: the half frame times out at the host")
    func agentDiesMidFrame() {
        var pair = established()
        pair.perform(pair.agent.send(.report(Report(memory: MemoryReport(totalBytes: 1)))))
        pair.toPeer.removeLast(3)
        pair.restartAgent()
        pair.settle()
        #expect(pair.peer.deadline == pair.now + 5 * SessionPair.second)
        pair.wait(5)
        #expect(pair.failures == [.frame(.timedOut)])
        pair.restartPeer(session: 43)
        pair.settle()
        #expect(pair.peer.isEstablished)
    }

    @Test("Frames of an old session are dropped and counted on both sides")
    func oldFrames() {
        var pair = established()
        pair.toAgent += SessionPair.frame(41, ToGuest(message: .release(Release())))
        pair.toPeer += SessionPair.frame(41, ToHost(message: .released(Released(bytes: 1))))
        pair.settle()
        #expect(pair.requests.isEmpty && pair.failures.isEmpty && pair.peerSaw.count == 1)
        #expect(pair.agent.staleFrames == 1 && pair.peer.staleFrames == 1)
        // An echo of another session is stale too.
        pair.toPeer += Frame(kind: .resyncEcho, session: 41).encoded() ?? []
        pair.settle()
        #expect(pair.peer.staleFrames == 2 && pair.peer.isEstablished)
    }

    @Test("A closed stream ends both sides once, and forgets half a frame")
    func closed() {
        var pair = established()
        pair.toAgent += FrameTests.header(length: 5000)
        pair.settle()
        pair.perform(pair.agent.closed())
        pair.perform(pair.agent.closed())
        pair.perform(pair.peer.closed())
        pair.perform(pair.peer.closed())
        #expect(pair.endings == [.closed] && pair.failures == [.closed])
        #expect(pair.agent.role == nil && pair.agent.deadline == nil && !pair.peer.isEstablished)
        #expect(pair.agent.send(.report(Report())).isEmpty)
        pair.restartPeer(session: 43)
        pair.settle()
        #expect(pair.peer.isEstablished)
    }

    @Test("A repeated resync of a closed session makes no session that answers to the old role")
    func lateResync() {
        var pair = established()
        pair.perform(pair.agent.closed())
        pair.toAgent += Frame(kind: .resync, session: 42).encoded() ?? []
        pair.request(.setTarget(SetTarget(targetBytes: 1)))
        pair.settle()
        #expect(pair.requests.isEmpty && pair.refusals == [.outOfOrder])
    }
}
