/// What must be asked again before each batch of discards, as QEMU answered it in one go. Adding a VFIO or vDPA device,
/// switching a migration capability on or starting a snapshot sends no event.
public struct SafetySnapshot: Sendable, Equatable {
    /// The run state.
    public let runState: RunState
    /// Migration and its capabilities.
    public let migration: MigrationState
    /// All jobs.
    public let jobs: [VMMJob]
    /// The devices that were configured or plugged in.
    public let devices: [QOMObject]
    /// The kinds of network back ends in use, such as `tap` or `vhost-user`.
    public let networkBackends: [String]

    /// A snapshot with its parts.
    public init(
        runState: RunState, migration: MigrationState, jobs: [VMMJob], devices: [QOMObject], networkBackends: [String]
    ) {
        self.runState = runState
        self.migration = migration
        self.jobs = jobs
        self.devices = devices
        self.networkBackends = networkBackends
    }
}
