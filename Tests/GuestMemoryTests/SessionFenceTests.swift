import Synchronization
import Testing
import Wire

@testable import GuestMemory

@Suite("Session fence")
struct SessionFenceTests {
    @Test("A closed fence lets nobody in and never opens again")
    func closed() async {
        let fence = SessionFence()
        #expect(fence.inside { 1 } == 1)
        await fence.closeAndDrain()
        #expect(fence.inside { 1 } == nil)
        #expect(!fence.isOpen)
        await fence.closeAndDrain()
    }

    @Test("Draining waits for what is inside")
    func drains() async {
        let fence = SessionFence()
        let drained = Atomic(false)
        let ran = fence.inside {
            fence.close { drained.store(true, ordering: .releasing) }
            return drained.load(ordering: .acquiring)
        }
        #expect(ran == false)
        let after = drained.load(ordering: .acquiring)
        #expect(after)
    }

    @Test("After a session has drained nothing of it is discarded, however many threads are at it")
    func hammer() async throws {
        let ram = try TestRAM(size: 8 << 20)
        let map = try ram.flatMap()
        let engine = try DiscardEngineTests.engine(map, ram.file.lock())
        var random = Seeded(state: 4711)
        var partly = 0
        // On a busy machine the end seldom falls between two ranges; then it takes more rounds to see it.
        for round in 0..<3000 where round < 150 || partly == 0 {
            // Every other page, so that each chunk is many ranges and the end falls between some of them.
            let chunks = (0..<4).map { chunk in
                (0..<256).map { Extent(firstFrame: UInt64(chunk * 512 + $0 * 2), frames: 1) }
            }
            for (chunk, extents) in chunks.enumerated() { try ram.stamp(extents, map: map, chunk: UInt64(chunk)) }
            let fence = SessionFence()
            let delay = UInt64.random(in: 0..<3_000_000, using: &random)
            let outcomes = await withTaskGroup(of: DiscardOutcome.self) { group in
                for (chunk, extents) in chunks.enumerated() {
                    group.addTask {
                        let offer = DiscardEngineTests.offer(extents, chunk: UInt64(chunk))
                        return engine.discard(offer, fence: fence)
                    }
                }
                let end = DiscardEngine.bootTime() + delay
                while DiscardEngine.bootTime() < end {}
                await fence.closeAndDrain()
                // The session is over: the guest uses its memory again, and finds it unharmed for good.
                ram.fill(seed: UInt8(truncatingIfNeeded: round))
                var outcomes: [DiscardOutcome] = []
                for await outcome in group { outcomes.append(outcome) }
                return outcomes
            }
            partly += outcomes.count { $0.status == .failed }
            #expect(ram.residentBytes == 8 << 20)
        }
        #expect(partly > 0)
    }
}
