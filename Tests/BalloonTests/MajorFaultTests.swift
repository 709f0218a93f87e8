import Glibc
import Linux
import SystemPackage
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
        #expect(try EvictableProgram.majorFaults(holder.processID) == before)
    }

    private static func pipe() throws -> (start: OwnedDescriptor, end: OwnedDescriptor) {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        return (OwnedDescriptor(rawValue: ends[1]), OwnedDescriptor(rawValue: ends[0]))
    }

    @Test("A program that is not locked has to read itself from the disk again: pages are dropped, faults are counted")
    func control() throws {
        let program = try EvictableProgram(copyOf: "/bin/cat")
        let (input, output) = (try Self.pipe(), try Self.pipe())
        let processID = try ChildProcess.spawn(
            executable: program.path, arguments: ["cat"], environment: nil,
            descriptors: [(input.end.descriptor, 0), (output.start.descriptor, 1)])
        let process = try ProcessDescriptor(processID: processID)
        defer {
            try? process.signal(SIGKILL)
            _ = try? process.wait(blocking: true)
        }
        func echo() -> Bool {
            var bytes: [UInt8] = [1, 2, 3]
            guard unsafe write(input.start.rawValue, bytes, 3) == 3 else { return false }
            return unsafe read(output.end.rawValue, &bytes, 3) == 3
        }
        #expect(echo())
        try program.evict(from: processID)
        let before = try EvictableProgram.majorFaults(processID)
        #expect(echo())
        #expect(try EvictableProgram.majorFaults(processID) > before)
    }
}
