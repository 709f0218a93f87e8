/// When the status file is written: on change only, and at most once in ``interval``. Pure.
///
/// A change of the available memory alone counts from a sixty-fourth part of memory on, since it changes all the time;
/// it never is a reason to wake up.
public struct StatusSchedule: Sendable {
    /// Shortest time between two writes, in nanoseconds.
    public static let interval: UInt64 = 1_000_000_000

    private var written: GuestStatus?
    private var writtenAt: UInt64?
    private var waiting = false

    /// Nothing was written yet.
    public init() {}

    /// When a change that came too early is to be offered again, in nanoseconds; nil where none waits.
    public var due: UInt64? {
        guard waiting, let writtenAt else { return nil }
        let (due, overflow) = writtenAt.addingReportingOverflow(Self.interval)
        return overflow ? .max : due
    }

    /// Whether `status` is to be written at `now`. Call ``wrote(_:now:)`` when that is done.
    public mutating func wants(_ status: GuestStatus, now: UInt64) -> Bool {
        guard let written, let writtenAt else { return true }
        guard Self.differ(written, status) else {
            waiting = false
            return false
        }
        waiting = now < writtenAt || now - writtenAt < Self.interval
        return !waiting
    }

    /// The status was written, or could not be: it is not tried again before the interval is over.
    public mutating func wrote(_ status: GuestStatus, now: UInt64) {
        (written, writtenAt, waiting) = (status, now, false)
    }

    private static func differ(_ old: GuestStatus, _ new: GuestStatus) -> Bool {
        let difference = max(old.availableBytes, new.availableBytes) - min(old.availableBytes, new.availableBytes)
        if difference > new.memoryTotalBytes / 64 { return true }
        var same = old
        same.availableBytes = new.availableBytes
        return same != new
    }
}
