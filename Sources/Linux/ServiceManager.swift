#if Systemd
    import CSystemd
#endif

/// What the service manager is told. Without systemd, or outside a unit, nothing happens.
public enum ServiceManager {
    /// Start-up is over.
    public static func ready(status: String) {
        notify("READY=1\nSTATUS=\(oneLine(status))")
    }

    /// One line for `systemctl status`.
    public static func status(_ text: String) {
        notify("STATUS=\(oneLine(text))")
    }

    /// Stopping has begun.
    public static func stopping() {
        notify("STOPPING=1")
    }

    /// Still alive.
    public static func watchdog() {
        notify("WATCHDOG=1")
    }

    /// How long the stop may take beyond the unit's own limit, in microseconds from now.
    public static func extendTimeout(microseconds: UInt64) {
        notify("EXTEND_TIMEOUT_USEC=\(microseconds)")
    }

    /// How often `watchdog` must be called at least, in nanoseconds; call twice as often. Nil when nobody watches.
    public static func watchdogInterval() -> UInt64? {
        #if Systemd
            var microseconds: UInt64 = 0
            guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
            let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
            return overflow || nanoseconds == 0 ? nil : nanoseconds
        #else
            return nil
        #endif
    }

    private static func notify(_ state: String) {
        #if Systemd
            _ = unsafe sd_notify(0, state)
        #endif
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}
