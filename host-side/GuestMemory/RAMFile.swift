import Glibc
public import Linux
import Synchronization
import SystemPackage

/// A file that backs guest RAM, opened by the host daemon for itself.
///
/// It is opened anew, also where the path is a VMM's descriptor under `/proc`, so the open file description is not
/// shared with the VMM and its lock is the daemon's own. Contents are read with `pread` only: reading a hole through
/// a mapping would allocate it.
public final class RAMFile: Sendable {
    /// The kind of file system that holds the file.
    public enum Backing: Hashable, Sendable {
        /// tmpfs or a memfd.
        case tmpfs
        /// hugetlbfs or a memfd with huge pages.
        case hugetlbfs
    }

    /// Identity of the file.
    public let key: FileKey
    /// Where it lives.
    public let backing: Backing
    /// Page size of that file system in bytes. tmpfs frees in base pages also where it uses huge ones.
    public let pageBytes: UInt64
    private let owner: OwnedDescriptor
    private let memory: FileMemory
    private let isLocked = Atomic(false)

    /// Opens the file read-write.
    ///
    /// - Parameters:
    ///   - path: the backend's `mem-path`, or `/proc/PID/fd/N` of the VMM.
    ///   - expected: the identity that the VMM's own view of the file has; anything else is refused.
    public init(path: String, expected: FileKey? = nil) throws(RAMFileError) {
        // O_NONBLOCK: a path that turned into a pipe must not hang the daemon.
        let opened = unsafe Glibc.open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard opened >= 0 else {
            throw RAMFileError(
                code: .open, errno: Errno(rawValue: Glibc.errno),
                message: "cannot open the RAM file \(path) for reading and writing; ballast-host needs access to it")
        }
        owner = OwnedDescriptor(rawValue: opened)
        memory = FileMemory(FileDescriptor(rawValue: opened))
        let status: FileMemory.Status
        let fileSystem: FileMemory.FileSystem
        do throws(LinuxError) {
            status = try memory.status()
            fileSystem = try memory.fileSystem()
        } catch {
            throw RAMFileError(error, "cannot examine the RAM file \(path)")
        }
        switch fileSystem {
        case .tmpfs: (backing, pageBytes) = (.tmpfs, MemoryMap.frameBytes)
        case .hugetlbfs(let bytes): (backing, pageBytes) = (.hugetlbfs, bytes)
        case .other:
            throw RAMFileError(
                code: .unsuitable,
                message: "\(path) is not on tmpfs or hugetlbfs; give the VM a memory-backend-memfd with share=on")
        }
        key = FileKey(device: status.identity.device, inode: status.identity.inode)
        guard expected == nil || expected == key else {
            throw RAMFileError(
                code: .otherFile, message: "\(path) is another file than the one that backs the VM's RAM")
        }
    }

    /// The number of the descriptor, open for as long as this object lives.
    var descriptor: CInt { owner.rawValue }

    /// Takes the exclusive lock, at once or not at all. It lasts until the returned object is gone.
    public func lock() throws(RAMFileError) -> FileLock {
        // The kernel would grant the same descriptor its lock twice, and the first unlocking would end both.
        guard !isLocked.exchange(true, ordering: .acquiringAndReleasing) else {
            throw RAMFileError(code: .locked, message: "this daemon holds the RAM file already, for another session")
        }
        do throws(LinuxError) {
            if try memory.tryLockExclusively() { return FileLock(file: self) }
            isLocked.store(false, ordering: .releasing)
        } catch {
            isLocked.store(false, ordering: .releasing)
            throw RAMFileError(error, "cannot lock the RAM file")
        }
        throw RAMFileError(
            code: .locked,
            message: "another ballast-host (or a frozen one) holds the RAM file; stop it before starting this one")
    }

    func unlock() {
        try? memory.unlock()
        isLocked.store(false, ordering: .releasing)
    }

    /// What the whole file occupies on the host in bytes: `st_blocks` × 512, swapped pages included.
    public func residentBytes() throws(RAMFileError) -> UInt64 {
        do throws(LinuxError) {
            return try memory.status().allocatedBytes
        } catch {
            throw RAMFileError(error, "cannot examine the RAM file")
        }
    }

    /// Bytes of those ranges in this file that have contents, resident or swapped, counted by walking data and holes.
    public func residentBytes(in ranges: [FileRange]) throws(RAMFileError) -> UInt64 {
        var total: UInt64 = 0
        do throws(LinuxError) {
            for range in ranges where range.file == key {
                total += try memory.allocatedBytes(offset: range.offset, bytes: range.length)
            }
        } catch {
            throw RAMFileError(error, "cannot measure the RAM file")
        }
        return total
    }

    /// Backs the range with memory, so that no fault of the VM's there can fail; what has contents keeps them. On
    /// hugetlbfs this takes pages from the pool, and fails with `noSpace` where it has none left.
    public func back(_ range: FileRange) throws(LinuxError) {
        try memory.back(offset: range.offset, bytes: range.length)
    }

    /// Frees the range; the file keeps its size. Only ``DiscardEngine`` calls it.
    func punch(_ range: FileRange) throws(LinuxError) {
        try memory.punchHole(offset: range.offset, bytes: range.length)
    }
}
