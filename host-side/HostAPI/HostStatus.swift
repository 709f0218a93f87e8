/// The daemon itself: `GET /v1/status`.
public struct HostStatus: Codable, Sendable, Equatable {
    /// Version of ballast-host.
    public var version: String
    /// Whether the kill switch is on: no change is started by the host.
    public var paused: Bool
    /// Since when the kill switch is on.
    public var pausedSince: Timestamp?
    /// When the daemon started.
    public var started: Timestamp
    /// Seconds since the daemon started.
    public var uptimeSeconds: UInt64
    /// VMs that the policy names.
    public var vmCount: Int
    /// VMs whose VMM answers.
    public var connectedCount: Int
    /// Process id of the daemon.
    public var pid: Int32

    /// Makes a status; the rest has sensible defaults.
    public init(
        version: String, paused: Bool, pausedSince: Timestamp? = nil, started: Timestamp, uptimeSeconds: UInt64,
        vmCount: Int, connectedCount: Int = 0, pid: Int32 = 0
    ) {
        self.version = version
        self.paused = paused
        self.pausedSince = pausedSince
        self.started = started
        self.uptimeSeconds = uptimeSeconds
        self.vmCount = vmCount
        self.connectedCount = connectedCount
        self.pid = pid
    }
}
