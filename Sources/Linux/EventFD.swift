import CLinux
import Glibc
public import SystemPackage

/// A counter that one side raises to wake the other side's epoll loop.
public final class EventFD: Sendable {
    private let owned: OwnedDescriptor

    /// Creates a counter at 0.
    public init() throws(LinuxError) {
        owned = OwnedDescriptor(
            rawValue: try systemCall("creating an eventfd") { eventfd(0, Int32(O_CLOEXEC | O_NONBLOCK)) })
    }

    /// The descriptor to watch for reading.
    public var descriptor: FileDescriptor { owned.descriptor }

    /// Wakes the other side; from any thread.
    public func signal() {
        var one: UInt64 = 1
        // A full counter has woken the reader already.
        _ = unsafe write(owned.rawValue, &one, 8)
    }

    /// How often it was signalled since the last call.
    @discardableResult
    public func drain() throws(LinuxError) -> UInt64 {
        try drainCounter(owned.rawValue, "reading an eventfd")
    }
}
