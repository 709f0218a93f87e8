/// QEMU's run state, by its own word (`running`, `paused`, `prelaunch`, `postmigrate`, ...).
public struct RunState: RawRepresentable, Sendable, Hashable {
    /// QEMU's word.
    public let rawValue: String

    /// A state by QEMU's word; words of later versions pass through.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The guest runs.
    public static let running = RunState(rawValue: "running")
    /// Paused by a command.
    public static let paused = RunState(rawValue: "paused")
    /// Started with -S and not yet continued.
    public static let prelaunch = RunState(rawValue: "prelaunch")
    /// The guest has shut down and QEMU was told to stay.
    public static let shutdown = RunState(rawValue: "shutdown")
    /// The guest suspended itself to RAM.
    public static let suspended = RunState(rawValue: "suspended")
    /// Waits for an incoming migration.
    public static let inMigrate = RunState(rawValue: "inmigrate")
    /// Paused after it migrated away.
    public static let postMigrate = RunState(rawValue: "postmigrate")
}
