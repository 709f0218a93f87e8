import Linux
import Testing

@testable import Balloon

/// When memory runs out, the kernel drops programs from memory first: a release that has to read its own code from a
/// disk comes too late.
@Suite(
    "The release path and the disk",
    .enabled(if: canHold && EvictableProgram.isOnDisk, "holders need io_uring, and the program has to lie on a disk"))
struct MajorFaultTests {
    @Test("A holder whose program the kernel drops as far as it may gives all back without a major fault")
    func holder() throws {
        let program = try EvictableProgram(copyOf: HolderFixture.agent())
        let holder = try HolderFixture(executable: program.path)
        for chunk in UInt64(1)...2 {
            _ = try holder.build(chunk)
            holder.send(.unpin(chunk: chunk, slot: 0))
            #expect(try holder.next() == .unpinned(chunk: chunk, slot: 0))
        }
        try program.evict(from: holder.processID)
        let before = try EvictableProgram.majorFaults(holder.processID)
        holder.send(.releaseAllHeld)
        #expect(try holder.next() == .releasedAll(bytes: 16 << 20))
        let after = try EvictableProgram.majorFaults(holder.processID)
        #expect(after == before)
        // What it never did before has to come from the disk: pages were dropped, and faults are counted.
        holder.send(.setScore(999))
        holder.send(.list)
        #expect(try holder.next() == .list([]))
        #expect(try EvictableProgram.majorFaults(holder.processID) > after)
    }
}
