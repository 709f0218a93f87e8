import CLinux
import Glibc
public import SystemPackage

/// A ring that is used for one thing: registered buffers are a long-term pin of their pages, which lasts as long as any
/// process holds the ring's descriptor, or until the buffers are unregistered by any of them.
public struct IOURing: Sendable {
    /// The largest single buffer, in bytes.
    public static let maximumBufferBytes = 1 << 30

    /// The ring's descriptor, which the caller owns.
    public let descriptor: FileDescriptor

    /// Uses a ring that exists: inherited across exec, or taken from another process.
    public init(descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Creates a plain ring, close-on-exec. No flags: a ring bound to one task could not be used by its heirs.
    public static func create(entries: UInt32 = 1) throws(LinuxError) -> OwnedDescriptor {
        let number = try systemCall(
            "creating an io_uring", remedy: "see kernel.io_uring_disabled; the agent balloon needs it"
        ) { ballast_io_uring_create(entries) }
        return OwnedDescriptor(rawValue: number)
    }

    /// Pins one stretch of memory as the ring's only buffer. The kernel may move its pages before it pins them, so
    /// frames must be read afterwards.
    public func registerBuffer(_ memory: UnsafeMutableRawBufferPointer) throws(LinuxError) {
        guard memory.count > 0, memory.count <= Self.maximumBufferBytes else {
            throw LinuxError(
                code: .invalid, operation: "pinning \(memory.count) bytes", remedy: "a buffer has 1 byte to 1 GiB")
        }
        var buffer = unsafe iovec(iov_base: memory.baseAddress, iov_len: memory.count)
        try systemCall(
            "pinning \(memory.count) bytes", remedy: "check RLIMIT_MEMLOCK and whether CAP_IPC_LOCK is there"
        ) { unsafe ballast_io_uring_register_buffers(descriptor.rawValue, &buffer, 1) }
    }

    /// Pins several stretches of memory, each at most 1 GiB, described as the kernel's iovecs.
    public func registerBuffers(_ buffers: [UnsafeMutableRawBufferPointer]) throws(LinuxError) {
        let list = unsafe UnsafeMutableBufferPointer<iovec>.allocate(capacity: max(1, buffers.count))
        defer { unsafe list.deallocate() }
        for index in unsafe buffers.indices {
            let buffer = unsafe buffers[index]
            unsafe list.initializeElement(
                at: index, to: iovec(iov_base: buffer.baseAddress, iov_len: buffer.count))
        }
        try systemCall("pinning \(unsafe buffers.count) buffers") {
            unsafe ballast_io_uring_register_buffers(
                descriptor.rawValue, list.baseAddress, UInt32(truncatingIfNeeded: buffers.count))
        }
    }

    /// Drops the pins of every registered buffer; they are gone when it returns.
    /// - Returns: false when nothing was registered.
    @discardableResult
    public func unregisterBuffers() throws(LinuxError) -> Bool {
        while ballast_io_uring_unregister_buffers(descriptor.rawValue) < 0 {
            let errno = lastErrno
            if errno == .interrupted { continue }
            if errno == .noSuchAddressOrDevice { return false }
            throw LinuxError(errno: errno, operation: "unpinning the buffers of ring \(descriptor.rawValue)")
        }
        return true
    }
}
