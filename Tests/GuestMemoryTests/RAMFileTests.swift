import Glibc
import Testing
import Wire

@testable import GuestMemory

@Suite("RAM file")
struct RAMFileTests {
    @Test("A second opener is refused the lock while the first holds it, although both opened the VMM's memfd")
    func exclusive() throws {
        let ram = try TestRAM(size: 1 << 20)
        let second = try RAMFile(path: ram.path, expected: ram.file.key)
        var lock: FileLock? = try ram.file.lock()
        _ = lock
        let error = #expect(throws: RAMFileError.self) { try second.lock() }
        #expect(error?.code == .locked)
        #expect(error?.description.contains("another ballast-host (or a frozen one) holds the RAM file") == true)
        #expect(throws: RAMFileError.self) { try ram.file.lock() }
        // The VMM's own descriptor is another open file description: it is neither locked nor able to unlock.
        #expect(flock(ram.descriptor, LOCK_EX | LOCK_NB) != 0)
        #expect(flock(ram.descriptor, LOCK_UN) == 0)
        #expect(throws: RAMFileError.self) { try second.lock() }
        lock = nil
        let other = try second.lock()
        #expect(throws: RAMFileError.self) { try ram.file.lock() }
        _ = other
    }

    @Test("Another process is refused the lock, also by one that was frozen")
    func processes() throws {
        let ram = try TestRAM(size: 1 << 20)
        #expect(Self.tryToLock(ram.path) == 0)
        do {
            let lock = try ram.file.lock()
            #expect(Self.tryToLock(ram.path) == 1)
            _ = lock
        }
        // The other way round: a child takes the lock, is stopped while it holds it, and dies.
        let child = Self.spawn(["/usr/bin/flock", "-n", "-x", ram.path, "-c", "kill -STOP $PPID; sleep 30"])
        #expect(child > 0)
        var held = false
        for _ in 0..<500 where !held {
            usleep(10_000)
            do throws(RAMFileError) {
                _ = try ram.file.lock()
            } catch {
                held = error.code == .locked
            }
        }
        #expect(held)
        kill(-child, SIGKILL)
        Self.reap(child)
        for _ in 0..<500 where held {
            usleep(10_000)
            held = (try? ram.file.lock()) == nil
        }
        #expect(!held)
    }

    @Test("Only the file that the VMM uses, on a file system that frees what is discarded, is accepted")
    func identity() throws {
        let ram = try TestRAM(size: 1 << 20)
        let stranger = try TestRAM(size: 1 << 20)
        #expect(ram.file.key != stranger.file.key)
        #expect(ram.file.backing == .tmpfs && ram.file.pageBytes == 4096)
        func code(_ body: () throws -> RAMFile) -> RAMFileError.Code? {
            (#expect(throws: RAMFileError.self) { _ = try body() })?.code
        }
        #expect(code { try RAMFile(path: stranger.path, expected: ram.file.key) } == .otherFile)
        #expect(code { try RAMFile(path: "/nonexistent") } == .open)
        #expect(code { try RAMFile(path: "/proc/self/oom_score_adj") } == .unsuitable)
    }

    @Test("Residency counts what has contents, by file and by range")
    func residency() throws {
        let ram = try TestRAM(size: 4 << 20)
        #expect(ram.residentBytes == 0)
        ram.fill(at: 8192, bytes: 8192)
        ram.fill(at: 1 << 20, bytes: 4096)
        #expect(try Residency.total(of: [ram.file]) == 12288)
        func range(_ offset: UInt64, _ length: UInt64) -> FileRange {
            FileRange(file: ram.file.key, offset: offset, length: length)
        }
        #expect(try ram.file.residentBytes(in: [range(0, 4 << 20)]) == 12288)
        #expect(try ram.file.residentBytes(in: [range(0, 12288), range(1 << 20, 4096)]) == 8192)
        #expect(try ram.file.residentBytes(in: [range(12288, 4096), range(3 << 20, 1 << 20)]) == 4096)
        #expect(try ram.file.residentBytes(in: [range(64 << 20, 4096)]) == 0)
        var foreign = range(0, 4 << 20)
        foreign.file.inode += 1
        #expect(try Residency.total(of: [ram.file], in: [foreign]) == 0)
    }

    private static func tryToLock(_ path: String) -> CInt {
        reap(spawn(["/usr/bin/flock", "-n", "-x", path, "-c", "true"]))
    }

    /// Starts a program in a process group of its own.
    private static func spawn(_ arguments: [String]) -> pid_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, CShort(POSIX_SPAWN_SETPGROUP))
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let result = unsafe posix_spawn(&child, arguments[0], nil, &attributes, &words, environ)
        return result == 0 ? child : -1
    }

    @discardableResult
    private static func reap(_ child: pid_t) -> CInt {
        var status: CInt = 0
        _ = unsafe waitpid(child, &status, 0)
        return (status >> 8) & 0xff
    }
}
