import Glibc
import Synchronization
public import SystemPackage

/// A file descriptor that is closed once: by `close()` or with its last reference.
public final class OwnedDescriptor: Sendable {
    private let number: Atomic<Int32>

    /// Takes over an open descriptor.
    public init(_ descriptor: FileDescriptor) {
        number = Atomic(descriptor.rawValue)
    }

    /// Takes over an open descriptor by its number.
    public convenience init(rawValue: Int32) {
        self.init(FileDescriptor(rawValue: rawValue))
    }

    deinit {
        close()
    }

    /// The descriptor; -1 after `close()`, which every system call refuses.
    public var descriptor: FileDescriptor { FileDescriptor(rawValue: rawValue) }

    /// The descriptor's number; -1 after `close()`.
    public var rawValue: Int32 { number.load(ordering: .relaxed) }

    /// Whether `close()` has not been called yet.
    public var isOpen: Bool { rawValue >= 0 }

    /// Closes the descriptor; later calls do nothing.
    public func close() {
        let old = number.exchange(-1, ordering: .relaxed)
        // Linux frees the number even when close reports an error, so there is nothing to retry.
        if old >= 0 { _ = Glibc.close(old) }
    }

    /// Gives the descriptor away without closing it.
    public func release() -> FileDescriptor {
        FileDescriptor(rawValue: number.exchange(-1, ordering: .relaxed))
    }

    /// A second descriptor of the same open file, close-on-exec.
    public func duplicate() throws(LinuxError) -> OwnedDescriptor {
        let source = rawValue
        let copy = try systemCall("duplicating descriptor \(source)") { fcntl(source, F_DUPFD_CLOEXEC, 3) }
        return OwnedDescriptor(rawValue: copy)
    }
}
