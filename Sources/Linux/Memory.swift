import CLinux
import Glibc
import SystemPackage

/// Mappings and what the kernel is told about them. Every range is a whole number of pages.
public enum Memory {
    /// What can be told about a range with madvise.
    public enum Advice: Int32, Sendable {
        /// Give the pages back; the next touch finds zeroes.
        case dontNeed = 4
        /// Not part of a forked child.
        case dontFork = 10
        /// Use transparent huge pages.
        case hugePage = 14
        /// Use base pages; khugepaged stays away.
        case noHugePage = 15
        /// Not part of core dumps.
        case dontDump = 16
        /// Fault every page in for writing (kernel 5.14).
        case populateWrite = 23
        /// Collapse into huge pages now (kernel 6.1).
        case collapse = 25
    }

    /// Bytes of a huge page on x86-64.
    public static let hugePageBytes = 2 << 20

    /// Maps zeroed private memory, aligned as asked.
    /// - Parameters:
    ///   - bytes: a multiple of 4096.
    ///   - alignment: in bytes, a power of two of at least 4096.
    public static func mapAnonymous(
        bytes: Int, alignment: Int = hugePageBytes
    ) throws(LinuxError) -> UnsafeMutableRawBufferPointer {
        let (reserved, overflow) = bytes.addingReportingOverflow(alignment - 4096)
        guard bytes > 0, bytes % 4096 == 0, alignment >= 4096, alignment & (alignment - 1) == 0, !overflow else {
            throw LinuxError(code: .invalid, operation: "mapping \(bytes) bytes aligned to \(alignment)")
        }
        // Reserve more and trim: the kernel aligns to base pages only.
        let base = unsafe mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base = unsafe base, UInt(bitPattern: base) != UInt.max else {
            throw LinuxError(errno: lastErrno, operation: "mapping \(bytes) bytes")
        }
        let start = UInt(bitPattern: base)
        let head = Int((UInt(alignment) - start % UInt(alignment)) % UInt(alignment))
        if head > 0 { _ = unsafe munmap(base, head) }
        let tail = reserved - head - bytes
        if tail > 0 { _ = unsafe munmap(base.advanced(by: head + bytes), tail) }
        return unsafe UnsafeMutableRawBufferPointer(start: base.advanced(by: head), count: bytes)
    }

    /// Ends a mapping and gives its memory back. Allocates nothing.
    public static func unmap(_ range: UnsafeMutableRawBufferPointer) throws(LinuxError) {
        try systemCall("unmapping memory") { unsafe munmap(range.baseAddress, range.count) }
    }

    /// Moves a range over another of the same size, whose own pages go. Huge pages stay whole.
    public static func move(
        _ range: UnsafeMutableRawBufferPointer, over target: UnsafeMutableRawBufferPointer
    ) throws(LinuxError) {
        guard range.count == target.count else {
            throw LinuxError(code: .invalid, operation: "moving \(range.count) bytes over \(target.count)")
        }
        try systemCall("moving memory") {
            unsafe ballast_move_memory(range.baseAddress, target.baseAddress, range.count)
        }
    }

    /// Tells the kernel about a range.
    public static func advise(_ range: UnsafeMutableRawBufferPointer, _ advice: Advice) throws(LinuxError) {
        try systemCall("advising \(advice) for memory") {
            unsafe madvise(range.baseAddress, range.count, advice.rawValue)
        }
    }

    /// Faults every page in for writing, by touching where the kernel has no call for it (before 5.14).
    public static func populate(_ range: UnsafeMutableRawBufferPointer) throws(LinuxError) {
        do {
            try unsafe advise(range, .populateWrite)
        } catch {
            guard error.errno == .invalidArgument, let base = range.baseAddress else { throw error }
            for offset in stride(from: 0, to: range.count, by: 4096) {
                unsafe base.advanced(by: offset).storeBytes(of: 0, as: UInt8.self)
            }
        }
    }

    /// Locks a range into memory, faulting it in.
    /// - Parameter onFault: lock pages as they are touched instead.
    public static func lock(_ range: UnsafeMutableRawBufferPointer, onFault: Bool = false) throws(LinuxError) {
        try systemCall("locking \(range.count) bytes", remedy: "check RLIMIT_MEMLOCK and CAP_IPC_LOCK") {
            unsafe ballast_lock_memory(range.baseAddress, range.count, onFault ? 1 : 0)
        }
    }

    /// Unlocks a range.
    public static func unlock(_ range: UnsafeMutableRawBufferPointer) throws(LinuxError) {
        try systemCall("unlocking memory") { unsafe munlock(range.baseAddress, range.count) }
    }

    /// Locks what is mapped into memory as it is touched.
    /// - Parameter includingFuture: what will be mapped later too.
    public static func lockAllOnFault(includingFuture: Bool = true) throws(LinuxError) {
        try systemCall("locking the process into memory", remedy: "check RLIMIT_MEMLOCK and CAP_IPC_LOCK") {
            // MCL_CURRENT | MCL_ONFAULT, MCL_FUTURE
            mlockall(1 | 4 | (includingFuture ? 2 : 0))
        }
    }

    /// Undoes `lockAllOnFault`.
    public static func unlockAll() throws(LinuxError) {
        try systemCall("unlocking the process") { munlockall() }
    }
}
