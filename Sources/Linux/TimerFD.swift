import CLinux
import Glibc
public import SystemPackage

/// A timer that wakes an epoll loop.
public final class TimerFD {
    /// Which time it follows.
    public enum Clock: Sendable {
        /// Without suspended time.
        case monotonic
        /// With suspended time.
        case boottime
    }

    private let owned: OwnedDescriptor

    /// Creates a disarmed timer.
    public init(clock: Clock = .monotonic) throws(LinuxError) {
        let id = clock == .monotonic ? CLOCK_MONOTONIC : CLOCK_BOOTTIME
        owned = OwnedDescriptor(
            rawValue: try systemCall("creating a timer") { timerfd_create(id, Int32(O_CLOEXEC | O_NONBLOCK)) })
    }

    /// The descriptor to watch for reading.
    public var descriptor: FileDescriptor { owned.descriptor }

    /// Fires after a delay, and then at intervals.
    /// - Parameters:
    ///   - delay: nanoseconds until the first time; 0 counts as 1.
    ///   - interval: nanoseconds between later times; 0 for a single shot.
    public func arm(after delay: UInt64, every interval: UInt64 = 0) throws(LinuxError) {
        try set(first: max(1, delay), interval: interval, absolute: false)
    }

    /// Fires at a time of its clock, in nanoseconds, and then at intervals.
    public func arm(at time: UInt64, every interval: UInt64 = 0) throws(LinuxError) {
        try set(first: max(1, time), interval: interval, absolute: true)
    }

    /// Stops the timer.
    public func disarm() throws(LinuxError) {
        try set(first: 0, interval: 0, absolute: false)
    }

    /// How often it fired since the last call.
    @discardableResult
    public func drain() throws(LinuxError) -> UInt64 {
        try drainCounter(owned.rawValue, "reading a timer")
    }

    private func set(first: UInt64, interval: UInt64, absolute: Bool) throws(LinuxError) {
        var value = itimerspec(it_interval: kernelTime(interval), it_value: kernelTime(first))
        // TFD_TIMER_ABSTIME
        let flags: Int32 = absolute ? 1 : 0
        try systemCall("setting a timer") { unsafe timerfd_settime(owned.rawValue, flags, &value, nil) }
    }
}

/// Reads the 8-byte counter of a timer or an event descriptor; 0 when there is nothing to read.
func drainCounter(_ number: Int32, _ operation: @autoclosure () -> String) throws(LinuxError) -> UInt64 {
    var count: UInt64 = 0
    while true {
        let result = unsafe read(number, &count, 8)
        if result == 8 { return count }
        let errno = lastErrno
        if errno == .wouldBlock { return 0 }
        if errno == .interrupted { continue }
        throw LinuxError(errno: errno, operation: operation())
    }
}
