import Testing
import Wire

/// Thousands of short lives of a stream on which everything goes wrong that can, each reproducible by its seed.
@Suite("Sessions under random damage")
struct SessionSimulationTests {
    /// One stream, its accidents, and the promises checked after each.
    private struct World {
        var pair = SessionPair()
        var dice: Dice
        /// The host process that speaks, and the session numbers used so far.
        var host: UInt64 = 0
        var session: UInt64 = 0
        var earlier: [(session: UInt64, host: UInt64)] = []
        var checkedAgent = 0
        var checkedPeer = 0
        /// The host whose Hello the agent reported last.
        var greeted = ""

        init(seed: UInt64) { dice = Dice(seed: seed) }

        mutating func newHost() {
            host += 1
            session = dice.next() | 1
            earlier.append((session, host))
            pair.peerSaw = []
            checkedPeer = 0
            pair.restartPeer(role: .controller, label: "\(host)", session: session)
        }

        mutating func noise() -> [UInt8] {
            switch dice.roll(0..<5) {
            case 0: return dice.bytes(100)
            case 1: return FrameTests.header(length: UInt32(dice.roll(1..<65_537))) + dice.bytes(60)
            case 2: return Array("BLSTBLST".utf8.prefix(dice.roll(1..<9)))
            case 3: return FrameTests.header(kind: UInt8(dice.roll(0..<5)), session: 3)
            default:
                // A frame of an earlier session, as that session's sides sent it.
                guard earlier.count > 1 else { return [] }
                let old = dice.one(of: Array(earlier.dropLast()))
                let target = TargetAnswer(targetBytes: old.host)
                switch dice.roll(0..<6) {
                case 0: return Frame(kind: .resyncEcho, session: old.session).encoded() ?? []
                case 1...3:
                    return SessionPair.frame(
                        old.session, ToGuest(request: 2, message: .setTarget(SetTarget(targetBytes: old.host))))
                default: return SessionPair.frame(old.session, ToHost(inReplyTo: 2, message: .targetAnswer(target)))
                }
            }
        }

        mutating func step() {
            switch dice.roll(0..<26) {
            case 0...3: pair.deliverToAgent(dice.one(of: [1, 5, 24, 60, .max]))
            case 4...7: pair.deliverToPeer(dice.one(of: [1, 5, 24, 60, .max]))
            case 8: pair.toAgent.removeLast(dice.roll(0..<pair.toAgent.count + 1))
            case 9: pair.toPeer.removeLast(dice.roll(0..<pair.toPeer.count + 1))
            case 10:
                if dice.flag() { pair.toAgent += noise() } else { pair.toPeer += noise() }
            case 11:
                if !pair.toAgent.isEmpty {
                    pair.toAgent[dice.roll(0..<pair.toAgent.count)] ^= 1 << UInt8(dice.roll(0..<8))
                }
                if !pair.toPeer.isEmpty {
                    pair.toPeer[dice.roll(0..<pair.toPeer.count)] ^= 1 << UInt8(dice.roll(0..<8))
                }
            case 12:
                pair.now += UInt64(dice.roll(0..<3000)) * 1_000_000
                pair.tick()
            case 13:
                if dice.flag() {
                    pair.restartAgent()
                } else {
                    pair.perform(pair.agent.closed())
                }
            case 14: newHost()
            case 15..<20: pair.settle()
            case 20..<23:
                pair.toAgent += noise()
                pair.toPeer += noise()
            default: pair.request(.setTarget(SetTarget(targetBytes: host)))
            }
        }

        /// No request of one host is taken for another's, and no answer reaches a host that did not ask.
        mutating func check(_ seed: UInt64) {
            for action in pair.agentSaw[checkedAgent...] {
                if case .hello(let hello) = action { greeted = hello.peer }
                if case .request(_, .setTarget(let target)) = action {
                    #expect(greeted == "\(target.targetBytes)", "seed \(seed)")
                }
            }
            checkedAgent = pair.agentSaw.count
            for action in pair.peerSaw[checkedPeer...] {
                if case .message(let message) = action, case .targetAnswer(let answer) = message.message {
                    #expect(answer.targetBytes == host, "seed \(seed)")
                }
            }
            checkedPeer = pair.peerSaw.count
            #expect(pair.failures.count <= 1, "seed \(seed)")
        }
    }

    @Test("After any accidents a clean resync leads to a session, and no session hears another", arguments: 0..<8)
    func accidents(part: Int) {
        for number in 0..<500 {
            let seed = UInt64(part * 500 + number)
            var world = World(seed: seed)
            world.newHost()
            for _ in 0..<world.dice.roll(5..<80) {
                world.step()
                world.check(seed)
            }
            // The stream is whole from here on. Half frames that were left in it may each cost their deadline, so a host
            // may need a second try.
            world.newHost()
            var tries = 1
            for _ in 0..<400 where !world.pair.peer.isEstablished {
                world.pair.settle()
                world.pair.wait(0.25)
                world.check(seed)
                if !world.pair.failures.isEmpty {
                    world.newHost()
                    tries += 1
                }
            }
            #expect(world.pair.peer.isEstablished && tries <= 3, "seed \(seed): \(tries) tries")
            #expect(world.pair.agent.role == .controller, "seed \(seed)")
            world.pair.request(.setTarget(SetTarget(targetBytes: world.host)))
            world.pair.settle()
            world.check(seed)
            let answer = ToHost.Message.targetAnswer(TargetAnswer(targetBytes: world.host))
            let answered = world.pair.peerSaw.contains {
                if case .message(let message) = $0 { message.message == answer } else { false }
            }
            #expect(answered, "seed \(seed)")
        }
    }

    @Test("Random bytes never trap either side, and a session begins after them", arguments: [1, 2])
    func randomBytes(side: UInt64) {
        var dice = Dice(seed: side)
        var pair = SessionPair()
        for _ in 0..<3000 {
            pair.restartPeer(session: dice.next() | 1)
            if dice.flag() { pair.settle() }
            // Payloads of every sort in frames that are right, so that they reach the decoder of messages.
            let number = dice.flag() ? dice.next() : 42
            let frame = Frame(kind: .data, session: number | 1, payload: dice.bytes(80)).encoded() ?? []
            pair.toAgent += dice.flag() ? frame : dice.bytes(80)
            pair.toPeer += dice.flag() ? frame : dice.bytes(80)
            pair.settle()
            pair.peerSaw = []
            pair.agentSaw = []
        }
        pair.restartPeer(session: dice.next() | 1)
        pair.wait(12)
        #expect(pair.peer.isEstablished)
    }

    @Test("Right frames of the session with random messages never trap either side")
    func randomMessages() {
        var dice = Dice(seed: 6)
        for turn in 0..<3000 {
            var pair = SessionPair()
            pair.start(42)
            if turn % 4 != 0 { pair.settle() }
            for _ in 0..<5 {
                let toGuest = ToGuest.sample(&dice).encoded().prefix(1000)
                let toHost = ToHost.sample(&dice).encoded().prefix(1000)
                pair.toAgent += Frame(kind: .data, session: 42, payload: Array(toGuest)).encoded() ?? []
                pair.toPeer += Frame(kind: .data, session: 42, payload: Array(toHost)).encoded() ?? []
                pair.settle()
            }
            #expect(pair.failures.count <= 1)
        }
    }
}
