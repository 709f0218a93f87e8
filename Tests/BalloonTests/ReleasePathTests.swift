import AllocationCounter
import Glibc
import Governor
import Linux
import Sensors
import Testing
import Wire

@testable import Balloon

/// What runs between the look at memory and the holders' letting go, while memory runs out: nothing of it asks the heap.
@Suite("The release path", .enabled(if: canHold, "holders need io_uring and CAP_SYS_ADMIN"))
struct ReleasePathTests {
    /// Allocations of this thread while the body runs.
    private func allocations(_ body: () throws -> Void) rethrows -> UInt {
        let before = allocation_count()
        try body()
        return allocation_count() - before
    }

    @Test("The counter counts")
    func counter() {
        var kept: [[Int]] = []
        #expect(allocations { kept.append(Array(repeating: 1, count: 100)) } > 0)
        #expect(kept.count == 1)
    }

    @Test("The agent's side: looking, judging and ordering allocate nothing")
    func agent() throws {
        let holder = try HolderFixture()
        let extents = try holder.build(1, bytes: 8 << 20)
        holder.send(.unpin(chunk: 1, slot: 0))
        #expect(try holder.next() == .unpinned(chunk: 1, slot: 0))
        #expect(!extents.isEmpty)
        let handle = try #require(holder.handle)
        let probe = try WatermarkProbe()
        var governor = Governor(
            configuration: GovernorConfiguration(
                memoryTotalBytes: 1 << 30, processors: 2, chunkBytes: 32 << 20, floorBytes: 0, watermarkBytes: nil,
                fillRate: 2 << 30, holdOff: 1, holdOffAfterOOM: 1, deflateOnOom: .oom))
        var available: UInt64 = 0
        var released = false
        func look(_ now: UInt64, available claimed: UInt64?) throws {
            available = try probe.memory().available
            let sample = Sample(
                availableBytes: claimed ?? available, oomKills: nil, heldBytes: 8 << 20, inFlightBytes: 0)
            if case .releaseEverything = governor.observe(sample, now: now) {
                released = handle.send(.releaseAllHeld)
            }
            _ = governor.nextLook(after: sample)
        }
        // Once without need, as the agent rehearses it.
        try look(1, available: 900 << 20)
        handle.send(.list)
        _ = try holder.next()
        #expect(try allocations { try look(2, available: 1 << 20) } == 0)
        #expect(released)
        #expect(available > 0)
        #expect(try holder.next() == .releasedAll(bytes: 8 << 20))
    }

    @Test("The holder's side: unmapping chunks and telling so allocate nothing")
    func holder() throws {
        let table = HolderTable()
        let outbox = try HolderOutbox()
        for id in 1...32 {
            let memory = try unsafe Memory.mapAnonymous(bytes: 2 << 20)
            let record = try unsafe Memory.mapAnonymous(bytes: 4096, alignment: 4096)
            var chunk = HolderChunk(id: UInt64(id), bytes: memory.count, state: .held)
            chunk.address = UInt(bitPattern: memory.baseAddress)
            chunk.framesAddress = UInt(bitPattern: record.baseAddress)
            chunk.framesBytes = record.count
            _ = table.add(chunk)
        }
        let count = try allocations {
            for index in 0..<table.end where table[index].state == .held { try table.release(index) }
            var header = HolderCoding.Header(.releasedAll)
            header.bytes = 64 << 20
            outbox.append(header)
        }
        #expect(count == 0)
        #expect(table.end == 0)
    }
}
