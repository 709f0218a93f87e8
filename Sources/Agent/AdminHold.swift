public import Wire

/// Inflation is forbidden for a while.
public struct AdminHold: Sendable, Hashable {
    /// When it ends, in nanoseconds of CLOCK_BOOTTIME; `UInt64.max` for good.
    public var until: UInt64
    /// What the host is told: `.hold`, or `.hibernation`.
    public var reason: Reason

    /// A hold that ends at `until`.
    public init(until: UInt64, reason: Reason = .hold) {
        self.until = until
        self.reason = reason
    }

    /// Nanoseconds left: 0 where it is over, `UInt64.max` for good.
    public func remaining(now: UInt64) -> UInt64 {
        if until == .max { return .max }
        return until > now ? until - now : 0
    }
}
