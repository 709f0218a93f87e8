import CLinux
import Glibc
public import SystemPackage

/// Memory that lives in a file: guest RAM as the host sees it. Nothing here maps the file, since reading holes through
/// a mapping allocates them.
public struct FileMemory: Sendable {
    /// Where the file lives.
    public enum FileSystem: Sendable, Equatable {
        /// tmpfs or a memfd.
        case tmpfs
        /// hugetlbfs or a hugetlb memfd, with the page size in bytes.
        case hugetlbfs(pageBytes: UInt64)
        /// Anything else, with the kernel's magic number.
        case other(magic: UInt64)
    }

    /// Which file it is, however it was reached.
    public struct Identity: Sendable, Hashable {
        /// The device number.
        public let device: UInt64
        /// The inode number.
        public let inode: UInt64

        /// Describes a file.
        public init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    /// What fstat says.
    public struct Status: Sendable, Equatable {
        /// Which file it is.
        public let identity: Identity
        /// Its size, in bytes.
        public let bytes: UInt64
        /// How much of it is backed, in bytes (`st_blocks` × 512; swapped pages included).
        public let allocatedBytes: UInt64
    }

    /// The file's descriptor, which the caller owns.
    public let descriptor: FileDescriptor

    /// Uses an open file.
    public init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Asks for size, residency and identity.
    public func status() throws(LinuxError) -> Status {
        var status = stat()
        try systemCall("asking for a file's status") { unsafe fstat(descriptor.rawValue, &status) }
        return Status(
            identity: Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
            bytes: UInt64(clamping: status.st_size), allocatedBytes: UInt64(clamping: status.st_blocks) &* 512)
    }

    /// Asks which file system it lives on.
    public func fileSystem() throws(LinuxError) -> FileSystem {
        var magic: UInt64 = 0
        var blockBytes: UInt64 = 0
        try systemCall("asking for a file's file system") {
            unsafe ballast_file_system(descriptor.rawValue, &magic, &blockBytes)
        }
        return switch magic {
        case UInt64(BALLAST_TMPFS_MAGIC): .tmpfs
        case UInt64(BALLAST_HUGETLBFS_MAGIC): .hugetlbfs(pageBytes: blockBytes)
        default: .other(magic: magic)
        }
    }

    /// Frees a range; its size stays.
    public func punchHole(offset: UInt64, bytes: UInt64) throws(LinuxError) {
        let (start, length) = try Self.range(offset, bytes)
        try systemCall("discarding \(bytes) bytes at \(offset)") {
            ballast_punch_hole(descriptor.rawValue, start, length)
        }
    }

    /// Backs a range with memory; its size stays.
    public func back(offset: UInt64, bytes: UInt64) throws(LinuxError) {
        let (start, length) = try Self.range(offset, bytes)
        try systemCall("backing \(bytes) bytes at \(offset)") { ballast_back(descriptor.rawValue, start, length) }
    }

    /// The next offset that is backed, at or after this one; nil when there is none.
    public func nextData(from offset: UInt64) throws(LinuxError) -> UInt64? {
        try seek(offset, "looking for data", ballast_seek_data)
    }

    /// The next hole at or after this offset (the end of the file counts as one); nil beyond the end.
    public func nextHole(from offset: UInt64) throws(LinuxError) -> UInt64? {
        try seek(offset, "looking for a hole", ballast_seek_hole)
    }

    /// How many bytes of a range hold data. On tmpfs, pages that were backed but never written count as holes here and
    /// as allocated in `Status.allocatedBytes`.
    public func allocatedBytes(offset: UInt64, bytes: UInt64) throws(LinuxError) -> UInt64 {
        let (end, overflow) = offset.addingReportingOverflow(bytes)
        guard !overflow else { throw LinuxError(code: .invalid, operation: "measuring a range that wraps") }
        var sum: UInt64 = 0
        var position = offset
        while position < end, let data = try nextData(from: position), data < end {
            let hole = min(try nextHole(from: data) ?? end, end)
            guard hole > data else { break }
            sum += hole - data
            position = hole
        }
        return sum
    }

    /// Reads into memory of the caller; short only at the end of the file.
    public func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LinuxError) -> Int {
        let (start, _) = try Self.range(offset, UInt64(buffer.count))
        var done = 0
        while done < buffer.count {
            let count = try systemCall("reading \(buffer.count) bytes at \(offset)") {
                unsafe pread(
                    descriptor.rawValue, buffer.baseAddress?.advanced(by: done), buffer.count - done,
                    Int(start) + done)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// The seals of a memfd as the kernel's bits; nil where the file knows no seals.
    public func seals() -> Int32? {
        let seals = ballast_seals(descriptor.rawValue)
        return seals < 0 ? nil : seals
    }

    /// Tries to become the file's only owner by flock; the lock ends with the last copy of the descriptor.
    /// - Returns: false when somebody else holds it.
    public func tryLockExclusively() throws(LinuxError) -> Bool {
        while flock(descriptor.rawValue, LOCK_EX | LOCK_NB) < 0 {
            let errno = lastErrno
            if errno == .interrupted { continue }
            if errno == .wouldBlock { return false }
            throw LinuxError(errno: errno, operation: "locking a file")
        }
        return true
    }

    /// Gives the lock up.
    public func unlock() throws(LinuxError) {
        try systemCall("unlocking a file") { flock(descriptor.rawValue, LOCK_UN) }
    }

    private func seek(
        _ offset: UInt64, _ operation: String, _ call: (Int32, Int64) -> Int64
    ) throws(LinuxError) -> UInt64? {
        guard let start = Int64(exactly: offset) else { return nil }
        let found = call(descriptor.rawValue, start)
        if found >= 0 { return UInt64(found) }
        let errno = lastErrno
        if errno == .noSuchAddressOrDevice { return nil }
        throw LinuxError(errno: errno, operation: operation)
    }

    private static func range(_ offset: UInt64, _ bytes: UInt64) throws(LinuxError) -> (Int64, Int64) {
        let (end, overflow) = offset.addingReportingOverflow(bytes)
        guard !overflow, Int64(exactly: end) != nil else {
            throw LinuxError(
                code: .invalid, operation: "using the range of \(bytes) bytes at \(offset): it is too large")
        }
        return (Int64(offset), Int64(bytes))
    }
}
