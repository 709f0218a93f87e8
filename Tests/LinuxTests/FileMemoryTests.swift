import Glibc
import Linux
import SystemPackage
import Testing

@Suite("Memory in files")
struct FileMemoryTests {
    private let path: FilePath
    private let owned: OwnedDescriptor
    private let file: FileMemory

    init() throws {
        path = FilePath("/dev/shm/ballast-test-\(getpid())-\(try RandomBytes.nonZero())")
        owned = try SmallFile.open(path, flags: O_RDWR | O_CREAT | O_EXCL)
        file = FileMemory(owned.descriptor)
        _ = ftruncate(owned.rawValue, 8 << 20)
    }

    private func unlinkFile() {
        _ = unsafe path.withPlatformString { unsafe unlink($0) }
    }

    @Test("Punched ranges leave: st_blocks, SEEK_DATA and reads agree")
    func punch() throws {
        defer { unlinkFile() }
        #expect(try file.fileSystem() == .tmpfs)
        try file.back(offset: 0, bytes: 8 << 20)
        #expect(try file.status().allocatedBytes == 8 << 20)
        #expect(try file.nextData(from: 0) == nil, "tmpfs calls backed but unwritten pages holes")
        let ones = [UInt8](repeating: 1, count: 8 << 20)
        #expect(unsafe pwrite(owned.rawValue, ones, ones.count, 0) == ones.count)
        #expect(try file.allocatedBytes(offset: 0, bytes: 8 << 20) == 8 << 20)
        try file.punchHole(offset: 2 << 20, bytes: 4 << 20)
        #expect(try file.status().allocatedBytes == 4 << 20)
        #expect(try file.status().bytes == 8 << 20)
        #expect(try file.nextHole(from: 0) == 2 << 20)
        #expect(try file.nextData(from: 2 << 20) == 6 << 20)
        #expect(try file.allocatedBytes(offset: 1 << 20, bytes: 6 << 20) == 2 << 20)
        #expect(try file.nextData(from: 8 << 20) == nil)
        #expect(try file.nextData(from: .max) == nil)

        var buffer = [UInt8](repeating: 9, count: 8192)
        let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(at: (8 << 20) - 4096, into: $0) }
        #expect(count == 4096)
        #expect(buffer[..<4096].allSatisfy { $0 == 1 })
    }

    @Test("Ranges that wrap or are negative for the kernel are refused")
    func wrapping() {
        defer { unlinkFile() }
        #expect(throws: LinuxError.self) { try file.punchHole(offset: .max, bytes: 4096) }
        #expect(throws: LinuxError.self) { try file.punchHole(offset: 1 << 63, bytes: 4096) }
        #expect(throws: LinuxError.self) { try file.punchHole(offset: 0, bytes: 0) }
        #expect(throws: LinuxError.self) { try file.allocatedBytes(offset: .max, bytes: .max) }
    }

    @Test("One lock holder at a time, by open file")
    func lock() throws {
        defer { unlinkFile() }
        let other = try SmallFile.open(path, flags: O_RDWR)
        #expect(try file.tryLockExclusively())
        #expect(try FileMemory(other.descriptor).tryLockExclusively() == false)
        try file.unlock()
        #expect(try FileMemory(other.descriptor).tryLockExclusively())
        #expect(try FileMemory(other.descriptor).status().identity == file.status().identity)
    }
}
