import Glibc
import SystemPackage

/// The look at memory that decides whether the balloon yields. Its files stay open and its buffer is allocated once,
/// so that looking allocates nothing while memory runs out.
@safe public struct WatermarkProbe: ~Copyable {
    /// What one look at `/proc/meminfo` sees, in bytes.
    public struct Memory: Sendable, Hashable {
        /// MemTotal.
        public let total: UInt64
        /// MemFree.
        public let free: UInt64
        /// MemAvailable.
        public let available: UInt64
    }

    private let meminfo: Int32
    private let vmstat: Int32
    private let meminfoPath: FilePath
    private let vmstatPath: FilePath
    private let buffer: UnsafeMutableRawBufferPointer

    /// Opens both files and allocates the buffer, touching all of it.
    public init(_ roots: SensorRoots = SensorRoots()) throws(SensorError) {
        meminfoPath = roots.proc.appending("meminfo")
        vmstatPath = roots.proc.appending("vmstat")
        let first = try Self.open(meminfoPath)
        do {
            vmstat = try Self.open(vmstatPath)
        } catch {
            close(first)
            throw error
        }
        meminfo = first
        unsafe buffer = .allocate(byteCount: 64 << 10, alignment: 64)
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
        close(meminfo)
        close(vmstat)
        unsafe buffer.deallocate()
    }

    /// Reads `/proc/meminfo`. The kernel allocates nothing for it either, beyond the first time.
    public func memory() throws(SensorError) -> Memory {
        let text = try unsafe read(meminfo, meminfoPath)
        guard let total = unsafe NumberLine.value("MemTotal", in: text) else {
            throw SensorError(.malformed, path: meminfoPath, field: "MemTotal")
        }
        guard let free = unsafe NumberLine.value("MemFree", in: text) else {
            throw SensorError(.malformed, path: meminfoPath, field: "MemFree")
        }
        guard let available = unsafe NumberLine.value("MemAvailable", in: text) else {
            throw SensorError(.malformed, path: meminfoPath, field: "MemAvailable")
        }
        return Memory(total: total, free: free, available: available)
    }

    /// Reads the count of OOM kills since boot from `/proc/vmstat`. Look at `memory` and act on it first: the kernel
    /// allocates some kilobytes to answer this one.
    public func oomKills() throws(SensorError) -> UInt64 {
        let text = try unsafe read(vmstat, vmstatPath)
        guard let kills = unsafe NumberLine.value("oom_kill", in: text) else {
            throw SensorError(.malformed, path: vmstatPath, field: "oom_kill")
        }
        return kills
    }

    /// The whole file: the kernel hands out a page or so at a time, so only a read of nothing is the end.
    private func read(_ file: Int32, _ path: FilePath) throws(SensorError) -> UnsafeRawBufferPointer {
        var filled = 0
        let capacity = unsafe buffer.count
        while filled < capacity, let base = unsafe buffer.baseAddress {
            let count = unsafe pread(file, base + filled, capacity - filled, off_t(filled))
            if count == 0 { break }
            if count > 0 {
                filled += count
            } else if errno != EINTR {
                throw SensorError(.unreadable, path: path, errno: Errno(rawValue: errno))
            }
        }
        return unsafe UnsafeRawBufferPointer(start: buffer.baseAddress, count: filled)
    }

    private static func open(_ path: FilePath) throws(SensorError) -> Int32 {
        let file = unsafe path.withPlatformString { unsafe Glibc.open($0, O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else { throw SensorError(.unreadable, path: path, errno: Errno(rawValue: errno)) }
        return file
    }
}
