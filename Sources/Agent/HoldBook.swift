import Governor
public import Wire

/// Who in the guest forbids inflation, and until when: its administrator, and a hibernation on its own account, so that
/// resuming does not end what the administrator wanted. Pure.
public struct HoldBook: Sendable, Hashable {
    /// The administrator's.
    public private(set) var administrator: AdminHold?
    /// That of a hibernation.
    public private(set) var hibernation: AdminHold?

    /// Nobody forbids anything.
    public init() {}

    /// Takes a `Hold` message of the peer that calls itself so; 0 from the administrator ends both.
    /// - Parameter now: nanoseconds of CLOCK_BOOTTIME.
    public mutating func apply(_ message: Hold, peer: String, now: UInt64) {
        let isHibernation = peer == AgentClient.hibernationPeer
        guard message.milliseconds > 0 else {
            hibernation = nil
            if !isHibernation { administrator = nil }
            return
        }
        let (duration, tooLong) = message.milliseconds.multipliedReportingOverflow(by: DurationText.millisecond)
        let (end, tooLate) = now.addingReportingOverflow(duration)
        set(AdminHold(until: tooLong || tooLate ? .max : end, reason: isHibernation ? .hibernation : .hold))
    }

    /// Takes over what was kept.
    mutating func set(_ hold: AdminHold) {
        if hold.reason == .hibernation { hibernation = hold } else { administrator = hold }
    }

    /// The hold that lasts longest; nil where none runs.
    public func inForce(now: UInt64) -> AdminHold? {
        [administrator, hibernation].compactMap { $0 }.filter { $0.remaining(now: now) > 0 }
            .max { $0.until < $1.until }
    }

    /// Nanoseconds left: 0 where none runs, `UInt64.max` for good.
    public func remaining(now: UInt64) -> UInt64 { inForce(now: now)?.remaining(now: now) ?? 0 }

    /// Milliseconds left as the wire carries them: 0 where none runs, 2^64-1 for good. Rounded up: a hold that runs is
    /// never shown as none.
    public func remainingMilliseconds(now: UInt64) -> UInt64 {
        let left = remaining(now: now)
        if left == .max { return .max }
        return left / DurationText.millisecond + (left % DurationText.millisecond > 0 ? 1 : 0)
    }

    /// Forgets what is over, so that it need not be kept.
    public mutating func forget(now: UInt64) {
        if administrator?.remaining(now: now) == 0 { administrator = nil }
        if hibernation?.remaining(now: now) == 0 { hibernation = nil }
    }
}
