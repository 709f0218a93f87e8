import CLinux
import Glibc
public import SystemPackage

/// One epoll instance with its own event buffer; waiting allocates nothing. For one thread.
@safe
public final class Epoll {
    /// What to be woken for, and what was found.
    public struct Readiness: OptionSet, Sendable {
        /// The kernel's bits.
        public let rawValue: UInt32

        /// Makes a set of the kernel's bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Data can be read, or a connection accepted.
        public static let readable = Readiness(rawValue: 0x001)
        /// Exceptional condition: a PSI trigger fired.
        public static let priority = Readiness(rawValue: 0x002)
        /// Data can be written.
        public static let writable = Readiness(rawValue: 0x004)
        /// An error is pending; always reported.
        public static let error = Readiness(rawValue: 0x008)
        /// The other side is gone; always reported, and level-triggered: a virtio-serial port without its host
        /// reports it for ever.
        public static let hangUp = Readiness(rawValue: 0x010)
        /// The peer closed its writing half.
        public static let peerClosed = Readiness(rawValue: 0x2000)
        /// Report once, then wait for `modify`.
        public static let oneShot = Readiness(rawValue: 1 << 30)
        /// Report changes only.
        public static let edgeTriggered = Readiness(rawValue: 1 << 31)
    }

    /// One descriptor that is ready.
    public struct Event: Sendable {
        /// What the descriptor was added with.
        public let token: UInt64
        /// What it is ready for.
        public let readiness: Readiness
    }

    private let owned: OwnedDescriptor
    private let events: UnsafeMutableBufferPointer<epoll_event>

    /// Creates an instance that reports up to `capacity` events at once.
    public init(capacity: Int = 64) throws(LinuxError) {
        owned = OwnedDescriptor(rawValue: try systemCall("creating an epoll") { epoll_create1(Int32(O_CLOEXEC)) })
        unsafe events = UnsafeMutableBufferPointer.allocate(capacity: max(1, min(capacity, 4096)))
        unsafe events.initialize(repeating: epoll_event())
    }

    deinit {
        unsafe events.deallocate()
    }

    /// The epoll's own descriptor.
    public var descriptor: FileDescriptor { owned.descriptor }

    /// Starts watching a descriptor.
    public func add(_ descriptor: FileDescriptor, for interest: Readiness, token: UInt64) throws(LinuxError) {
        try control(EPOLL_CTL_ADD, descriptor, interest, token)
    }

    /// Changes what a descriptor is watched for.
    public func modify(_ descriptor: FileDescriptor, for interest: Readiness, token: UInt64) throws(LinuxError) {
        try control(EPOLL_CTL_MOD, descriptor, interest, token)
    }

    /// Stops watching a descriptor; one that is not watched is no error.
    public func remove(_ descriptor: FileDescriptor) {
        _ = ballast_epoll_control(owned.rawValue, EPOLL_CTL_DEL, descriptor.rawValue, 0, 0)
    }

    /// Waits for events and returns how many there are; 0 after the timeout and after a signal.
    /// - Parameter milliseconds: how long to wait at most; nil waits for ever.
    public func wait(milliseconds: Int32?) throws(LinuxError) -> Int {
        let count = unsafe epoll_wait(owned.rawValue, events.baseAddress, Int32(events.count), milliseconds ?? -1)
        if count >= 0 { return Int(count) }
        let errno = lastErrno
        // The caller works out its timeout anew, which a retry here could not.
        if errno == .interrupted { return 0 }
        throw LinuxError(errno: errno, operation: "waiting for events")
    }

    /// One of the events that the last `wait` found.
    public subscript(index: Int) -> Event {
        precondition(unsafe index >= 0 && index < events.count)
        let event = unsafe ballast_epoll_event(events.baseAddress, Int32(index))
        return Event(token: event.token, readiness: Readiness(rawValue: event.events))
    }

    private func control(
        _ operation: Int32, _ descriptor: FileDescriptor, _ interest: Readiness, _ token: UInt64
    ) throws(LinuxError) {
        try systemCall("watching descriptor \(descriptor.rawValue) with epoll") {
            ballast_epoll_control(owned.rawValue, operation, descriptor.rawValue, interest.rawValue, token)
        }
    }
}
