import Glibc
import Linux
import SystemPackage
import Testing

/// Whether this machine can pin and show frames; tests that need it are skipped elsewhere.
let canPin = StrongPin.unavailableReason() == nil
let canSeeFrames = (try? Capabilities.effective().contains(.sysAdmin)) == true

@Suite("Memory: mappings, pins, frames")
struct PinTests {
    @Test("Mappings are aligned to 2 MiB and come zeroed", arguments: [2 << 20, 6 << 20])
    func mapping(bytes: Int) throws {
        let memory = try unsafe Memory.mapAnonymous(bytes: bytes)
        let address = UInt(bitPattern: memory.baseAddress)
        #expect(address % UInt(2 << 20) == 0)
        #expect(memory.count == bytes)
        try unsafe Memory.advise(memory, .hugePage)
        try unsafe Memory.advise(memory, .dontFork)
        try unsafe Memory.populate(memory)
        let zeroed = unsafe memory.allSatisfy { $0 == 0 }
        #expect(zeroed)
        try unsafe Memory.advise(memory, .noHugePage)
        try unsafe Memory.advise(memory, .dontDump)
        try unsafe Memory.unmap(memory)
    }

    @Test(
        "Sizes and alignments that make no sense are refused",
        arguments: [(0, 4096), (100, 4096), (4096, 3), (-4096, 4096), (.max - 4095, 1 << 30)])
    func nonsense(bytes: Int, alignment: Int) {
        #expect(throws: LinuxError.self) { _ = try unsafe Memory.mapAnonymous(bytes: bytes, alignment: alignment) }
    }

    @Test("A pinned page keeps its frame through compaction", .enabled(if: canPin && canSeeFrames))
    func pinned() throws {
        let memory = try unsafe Memory.mapAnonymous(bytes: 2 << 20)
        defer { unsafe discard(memory) }
        try unsafe Memory.advise(memory, .noHugePage)
        try unsafe Memory.populate(memory)
        try unsafe Memory.lock(memory)
        let owned = try IOURing.create()
        let ring = IOURing(descriptor: owned.descriptor)
        #expect(try ring.unregisterBuffers() == false, "nothing registered yet")
        try unsafe ring.registerBuffer(memory)
        let pagemap = try Pagemap()
        let before = try unsafe frames(pagemap, memory)
        #expect(Set(before).count == before.count)
        try? SmallFile.write("1", to: "/proc/sys/vm/compact_memory")
        let after = try unsafe frames(pagemap, memory)
        #expect(after == before)
        #expect(try ring.unregisterBuffers())
        #expect(try ring.unregisterBuffers() == false)
    }

    @Test("Pages that are not there are refused, not reported as frame 0", .enabled(if: canSeeFrames))
    func missing() throws {
        let memory = try unsafe Memory.mapAnonymous(bytes: 2 << 20)
        defer { unsafe discard(memory) }
        let error = try #require(throws: LinuxError.self) { try unsafe frames(try Pagemap(), memory) }
        #expect(error.code == .busy)
    }

    @Test("A buffer beyond 1 GiB is refused before the kernel is asked")
    func tooLarge() throws {
        let ring = IOURing(descriptor: FileDescriptor(rawValue: -1))
        let fake = unsafe UnsafeMutableRawBufferPointer(
            start: UnsafeMutableRawPointer(bitPattern: 4096), count: (1 << 30) + 1)
        let error = try #require(throws: LinuxError.self) { try unsafe ring.registerBuffer(fake) }
        #expect(error.code == .invalid)
    }

    @Test("A pagemap entry tells present, swapped and hidden apart")
    func entries() {
        #expect(PagemapEntry(rawValue: 1 << 63 | 0x1234).frame == 0x1234)
        #expect(PagemapEntry(rawValue: 1 << 63 | 1 << 55 | 1 << 61 | 0x1234).frame == 0x1234)
        #expect(PagemapEntry(rawValue: 1 << 63).isHidden)
        #expect(PagemapEntry(rawValue: 1 << 62 | 0x999).isSwapped)
        #expect(PagemapEntry(rawValue: 1 << 62 | 0x999).frame == 0)
        #expect(!PagemapEntry(rawValue: 0).isPresent)
    }

    @Test("Where the kernel's policy forbids io_uring, the reason names the setting")
    func policy() throws {
        let directory = TemporaryDirectory()
        try directory.write("2\n", to: "sys/kernel/io_uring_disabled")
        let reason = try #require(StrongPin.unavailableReason(procRoot: directory.path))
        #expect(reason.contains("kernel.io_uring_disabled=2"))
    }

    private func discard(_ memory: UnsafeMutableRawBufferPointer) {
        try? unsafe Memory.unmap(memory)
    }

    private func frames(_ pagemap: Pagemap, _ memory: UnsafeMutableRawBufferPointer) throws -> [UInt64] {
        let buffer = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: memory.count / 4096)
        defer { unsafe buffer.deallocate() }
        unsafe buffer.initialize(repeating: 0)
        try unsafe pagemap.readFrames(at: UInt(bitPattern: memory.baseAddress), into: buffer)
        return unsafe Array(buffer)
    }
}
