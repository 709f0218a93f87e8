import Linux
import SystemPackage

/// The status file under /run, which everyone in the guest may read. It is replaced as a whole, so that a reader never
/// sees half of one.
public struct StatusFile: Sendable {
    /// How many of the last events the file shows.
    public static let shownEvents = 16

    private let path: FilePath?
    private let agentVersion: String
    private var schedule = StatusSchedule()
    private var isBroken = false

    /// A file at `path`; an empty one switches it off. Nothing is written yet.
    public init(path: String, agentVersion: String) {
        self.path = path.isEmpty ? nil : FilePath(path)
        self.agentVersion = agentVersion
    }

    /// When ``update(_:now:)`` is to be called again for a change that waits, in nanoseconds of CLOCK_BOOTTIME; nil
    /// where none does.
    public var due: UInt64? { path == nil ? nil : schedule.due }

    /// Writes the file where the status changed and the last write is old enough.
    /// - Parameter now: nanoseconds of CLOCK_BOOTTIME.
    /// - Returns: a line for the log where writing failed and the write before had not.
    public mutating func update(_ status: GuestStatus, now: UInt64) -> String? {
        guard let path, schedule.wants(status, now: now) else { return nil }
        schedule.wrote(status, now: now)
        let document = status.json(agentVersion: agentVersion, now: now / 1_000_000)
        do {
            try AtomicFile.replace(path, with: document.indented, mode: 0o644)
            isBroken = false
            return nil
        } catch {
            defer { isBroken = true }
            return isBroken ? nil : "the status file cannot be written: \(error)"
        }
    }

    /// Removes the file: nobody keeps it true any more.
    public func remove() {
        if let path { try? AtomicFile.remove(path) }
    }
}
