import Wire

/// Times without inflation.
struct HoldOff: Sendable {
    /// What the time without inflation followed upon.
    private(set) var reason: Reason = .noReason
    private var until: UInt64 = 0
    private var heldUntil: UInt64 = 0

    /// A longer one that runs already stays.
    mutating func begin(for duration: UInt64, because reason: Reason, now: UInt64) {
        let end = now.adding(duration)
        guard end > until, duration > 0 else { return }
        until = end
        self.reason = reason
    }

    /// Nanoseconds left; 0 where none runs.
    func remaining(now: UInt64) -> UInt64 { until.less(now) }

    /// The administrator's own, in nanoseconds; `UInt64.max` for good, 0 ends it.
    mutating func hold(for duration: UInt64, now: UInt64) { heldUntil = duration == 0 ? 0 : now.adding(duration) }

    /// Nanoseconds of the administrator's left; 0 where none runs, `UInt64.max` for good.
    func holdRemaining(now: UInt64) -> UInt64 { heldUntil == .max ? .max : heldUntil.less(now) }
}
