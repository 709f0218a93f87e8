/// Counters of a VM since the daemon started.
public struct VMCounters: Codable, Sendable, Equatable {
    /// Offered by the guest, in bytes.
    public var offeredBytes: UInt64 = 0
    /// Measured as gone from the host after a discard, in bytes.
    public var discardedBytes: UInt64 = 0
    /// Taken back by the guest, in bytes.
    public var releasedBytes: UInt64 = 0
    /// Chunks whose discard was refused or failed, by status (`refused-stamp`, `refused-range`, ...).
    public var refusedChunks: [String: UInt64] = [:]
    /// Violations of the protocol by the guest, by kind (`bad-crc`, `malformed`, ...).
    public var protocolErrors: [String: UInt64] = [:]
    /// Sessions established with the agent.
    public var sessions: UInt64 = 0
    /// Emergency releases that the guest reported.
    public var emergencyReleases: UInt64 = 0

    /// Makes counters at zero.
    public init() {}
}
