import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte
private let gibibyte = ByteSize.gibibyte
private let second = DurationText.second

@Suite("Simulated guests under the governor")
struct GovernorScenarioTests {
    private static let policies: [DeflateOnOom] = [.oom, .pressure]

    @Test("A steady guest gives what is free within seconds, and then nothing moves any more")
    func steady() {
        var agent = SimulatedAgent(total: 2 * gibibyte)
        agent.target = gibibyte
        agent.run(for: 10 * second)
        #expect(agent.guest.held == gibibyte)
        let steps = agent.grownAt.count
        agent.run(for: 300 * second)
        #expect(agent.guest.held == gibibyte)
        #expect(agent.grownAt.count == steps)
        #expect(agent.reliefs.isEmpty && agent.everything.isEmpty && agent.asks.isEmpty)
    }

    @Test("A target below what the guest can spare ends at its floor, without asking for what nobody took")
    func greedyTarget() {
        var agent = SimulatedAgent(total: 2 * gibibyte)
        agent.target = 0
        agent.run(for: 60 * second)
        #expect(agent.guest.available >= agent.governor.floor)
        #expect(agent.guest.available < agent.governor.floor + 4 * mebibyte)
        #expect(agent.asks.isEmpty)
    }

    @Test("Bursts are met by a release, and the balloon comes back after each", arguments: policies)
    func bursts(policy: DeflateOnOom) {
        var agent = SimulatedAgent(total: 2 * gibibyte) { $0.deflateOnOom = policy }
        agent.target = 512 * mebibyte
        agent.run(for: 20 * second)
        let full = agent.guest.held
        #expect(full > gibibyte)
        for _ in 0..<5 {
            agent.guest.wanted = 1400 * mebibyte
            agent.run(for: 15 * second)
            #expect(agent.guest.anonymous == 1400 * mebibyte)
            agent.guest.wanted = 200 * mebibyte
            agent.run(for: 90 * second)
            #expect(agent.guest.held == full)
        }
        #expect(agent.guest.innocents == 0)
        #expect(agent.guest.kills == 0)
        #expect(agent.everything.count + agent.reliefs.count >= 5)
        #expect(agent.everything.count <= 10)
    }

    /// A gigabyte and a half of files, of which 600 MiB are in use.
    private static func fileServer(_ change: (inout GovernorConfiguration) -> Void = { _ in }) -> SimulatedAgent {
        var agent = SimulatedAgent(total: 2 * gibibyte, change)
        agent.guest.anonymous = 200 * mebibyte
        agent.guest.hotWanted = 600 * mebibyte
        agent.guest.hot = 600 * mebibyte
        agent.guest.cold = 900 * mebibyte
        agent.run(for: 120 * second)
        agent.target = 256 * mebibyte
        return agent
    }

    @Test("A file server gives four fifths of what is idle, and keeps its working set in memory", arguments: policies)
    func fileServer(policy: DeflateOnOom) {
        var agent = Self.fileServer { $0.deflateOnOom = policy }
        let idle = agent.guest.cold + agent.guest.free
        let before = agent.guest.refaultFile
        agent.run(for: 300 * second)
        #expect(agent.guest.held >= idle * 8 / 10)
        #expect(agent.guest.hot >= agent.guest.hotWanted * 98 / 100)
        // What the kernel evicted by mistake is read once.
        #expect((agent.guest.refaultFile - before) * 4096 < 32 * mebibyte)
        #expect(agent.reclaimed > 0)
        #expect(agent.guest.kills == 0)
    }

    @Test("Without measured ages the active list is not for sale, and the rest is taken slowly")
    func fileServerWithoutAges() {
        var agent = Self.fileServer { $0.reclaim.support = .none }
        agent.measuresAges = false
        // The measurements of the first two minutes no longer count.
        agent.target = nil
        agent.run(for: 200 * second)
        agent.target = 256 * mebibyte
        let free = agent.guest.free
        agent.run(for: 4 * second)
        // What was free, and 64 MiB a second.
        #expect(agent.guest.held < free + (4 * 64 + 32) * mebibyte)
        agent.run(for: 120 * second)
        #expect(agent.guest.held > 600 * mebibyte)
        #expect(agent.guest.hot >= agent.guest.hotWanted * 95 / 100)
    }

    @Test("Page cache that comes back is given back where the policy says so, and left alone for ten minutes")
    func misses() {
        var agent = Self.fileServer { $0.reclaim.support = .none }
        agent.measuresAges = false
        agent.target = nil
        agent.run(for: 200 * second)
        // The kernel does not tell the working set from other files, and evicts it first.
        agent.guest.hotIsActive = false
        agent.guest.imprecision = 100
        agent.target = 256 * mebibyte
        agent.run(for: 60 * second)
        let back = agent.reliefs.filter { $0.reason == .refaults }
        #expect(!back.isEmpty)
        #expect(agent.governor.floorRaisedBytes(now: agent.now) > 0)
        let refaults = agent.guest.refaultFile
        agent.run(for: 480 * second)
        // It tries no more than a little of it in eight minutes.
        #expect((agent.guest.refaultFile - refaults) * 4096 < 600 * mebibyte)
        #expect(agent.guest.hot >= agent.guest.hotWanted * 9 / 10)
    }

    @Test("A leak gets the whole balloon before the OOM killer gets anyone", arguments: policies)
    func leak(policy: DeflateOnOom) {
        var agent = SimulatedAgent(total: 2 * gibibyte) { $0.deflateOnOom = policy }
        agent.target = 512 * mebibyte
        agent.run(for: 20 * second)
        let held = agent.guest.held
        var leftAtKill: UInt64?
        agent.run(for: 300 * second) { guest, _ in
            guest.wanted += 10 * mebibyte / 100
            if guest.kills > 0, leftAtKill == nil { leftAtKill = guest.held }
        }
        #expect(held > gibibyte)
        #expect(agent.guest.needless == 0)
        #expect(leftAtKill == 0)
        // The host heard of it in time.
        let first = agent.asks.first { $0.bytes > 0 }
        #expect(first != nil)
        #expect((first?.sequence ?? 9) == 1)
        #expect(agent.asks.contains { $0.urgent })
    }

    @Test("A host that listens to asks keeps a growing guest away from its watermark")
    func listeningHost() {
        var agent = SimulatedAgent(total: 2 * gibibyte)
        agent.hostListens = true
        agent.target = 512 * mebibyte
        agent.run(for: 20 * second)
        agent.run(for: 100 * second) { guest, _ in guest.wanted += 10 * mebibyte / 100 }
        #expect(agent.everything.isEmpty)
        #expect(agent.guest.kills == 0)
        #expect(agent.guest.anonymous > 1100 * mebibyte)
        // And takes it back once the need is over.
        agent.guest.wanted = 200 * mebibyte
        agent.run(for: 120 * second)
        #expect(agent.asks.last?.bytes == 0)
        #expect(agent.guest.held > gibibyte)
    }

    @Test("A guest that thrashes gets memory in doubling steps until it stops, with the policy pressure only")
    func thrashing() {
        func run(_ policy: DeflateOnOom) -> SimulatedAgent {
            var agent = SimulatedAgent(total: 2 * gibibyte) { $0.deflateOnOom = policy }
            agent.guest.swapTotal = 2 * gibibyte
            agent.target = 512 * mebibyte
            agent.run(for: 20 * second)
            // More than fits beside the balloon, but slowly enough for the kernel to swap.
            agent.guest.takeRate = 100 * mebibyte
            agent.guest.cold = 0
            agent.run(for: 60 * second) { guest, _ in guest.wanted = min(guest.wanted + mebibyte, 1200 * mebibyte) }
            return agent
        }
        let relieved = run(.pressure)
        #expect(relieved.guest.swapped < 16 * mebibyte)
        #expect(relieved.reliefs.count + relieved.everything.count > 0)
        for (one, next) in zip(relieved.reliefs, relieved.reliefs.dropFirst()) where next.at - one.at < 5 * second {
            #expect(next.at - one.at >= second)
        }
        let kept = run(.off)
        #expect(kept.reliefs.isEmpty && kept.everything.isEmpty)
        #expect(kept.guest.held > relieved.guest.held)
    }

    @Test("A storm of forks at full speed costs no program its life", arguments: policies)
    func forkStorm(policy: DeflateOnOom) {
        var agent = SimulatedAgent(total: 4 * gibibyte) { $0.deflateOnOom = policy }
        agent.guest.takeRate = 4 * gibibyte
        agent.target = gibibyte
        for _ in 0..<10 {
            agent.run(for: 60 * second)
            #expect(agent.guest.held > gibibyte)
            agent.guest.wanted = 3500 * mebibyte
            agent.run(for: 5 * second)
            agent.guest.wanted = 200 * mebibyte
        }
        #expect(agent.guest.innocents == 0)
        #expect(agent.guest.kills == 0)
    }

    @Test("With the policy off the balloon stays, and only the host can help")
    func policyOff() {
        var agent = SimulatedAgent(total: 2 * gibibyte) { $0.deflateOnOom = .off }
        agent.guest.holdersAreVictims = false
        agent.target = 512 * mebibyte
        agent.run(for: 20 * second)
        let held = agent.guest.held
        agent.guest.wanted = 1900 * mebibyte
        agent.run(for: 2 * second)
        #expect(agent.guest.held == held)
        #expect(agent.guest.innocents > 0)
        #expect(agent.asks.contains { $0.urgent })
    }

    @Test("earlyoom finds nothing to do while there is a balloon", arguments: policies)
    func otherKiller(policy: DeflateOnOom) {
        var agent = SimulatedAgent(total: 2 * gibibyte) { $0.deflateOnOom = policy }
        agent.earlyoom = 205 * mebibyte
        agent.target = 256 * mebibyte
        agent.run(for: 30 * second)
        #expect(agent.guest.held > gibibyte)
        // Faster than 300 MiB a second no program is left to be saved by a poll.
        agent.guest.takeRate = 300 * mebibyte
        for _ in 0..<5 {
            agent.guest.wanted = 1500 * mebibyte
            agent.run(for: 20 * second)
            agent.guest.wanted = 200 * mebibyte
            agent.run(for: 60 * second)
        }
        #expect(agent.killedByOthers == 0)
        #expect((agent.everything.map(\.reason) + agent.reliefs.map(\.reason)).contains(.otherKiller))
    }
}
