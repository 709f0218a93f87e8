import Glibc

/// Time since boot without suspended time, in nanoseconds.
public enum MonotonicClock {
    /// Now, in nanoseconds.
    public static func now() -> UInt64 { nanoseconds(of: CLOCK_MONOTONIC) }
}

/// Time since boot including suspended time, in nanoseconds: deadlines that a suspended guest must not outlive.
public enum BoottimeClock {
    /// Now, in nanoseconds.
    public static func now() -> UInt64 { nanoseconds(of: CLOCK_BOOTTIME) }
}

/// The wall clock, which can be set at any time: only for comparing with the stamps of other programs.
public enum RealtimeClock {
    /// Now, in microseconds since 1970.
    public static func microseconds() -> Int64 { Int64(clamping: nanoseconds(of: CLOCK_REALTIME) / 1000) }
}

private func nanoseconds(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
}

/// A span of nanoseconds as the kernel writes it.
func kernelTime(_ nanoseconds: UInt64) -> timespec {
    timespec(
        tv_sec: Int(clamping: nanoseconds / 1_000_000_000), tv_nsec: Int(clamping: nanoseconds % 1_000_000_000))
}
