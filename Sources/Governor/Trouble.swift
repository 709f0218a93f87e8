import Wire

/// Why the guest has released memory lately: what an ask is about.
struct Trouble: Sendable {
    /// Why.
    private(set) var reason: Reason = .noReason
    /// What was released since it began, in bytes.
    private(set) var bytes: UInt64 = 0
    /// Programs were about to die.
    private(set) var urgent = false

    private var until: UInt64 = 0

    /// Memory was released; the trouble lasts as long as the hold-off after it.
    mutating func note(_ reason: Reason, bytes released: UInt64, urgent: Bool, lasts time: UInt64, now: UInt64) {
        if !lasts(now: now) { (bytes, self.urgent) = (0, false) }
        if !self.urgent || urgent { self.reason = reason }
        bytes = bytes.adding(released)
        self.urgent = self.urgent || urgent
        until = max(until, now.adding(time))
    }

    /// Whether it lasts.
    func lasts(now: UInt64) -> Bool { now < until }
}
