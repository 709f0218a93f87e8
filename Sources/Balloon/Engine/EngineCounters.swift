/// Sums since the agent started, in bytes unless the name says otherwise.
public struct EngineCounters: Sendable, Hashable {
    /// Offered to the host.
    public var offeredBytes: UInt64 = 0
    /// Confirmed by the host as gone.
    public var discardedBytes: UInt64 = 0
    /// Unmapped by holders.
    public var releasedBytes: UInt64 = 0
    /// Held pages that the kernel had moved, or that the host asked for again.
    public var movedBytes: UInt64 = 0
    /// Bytes of new chunks that could not be assembled into what the host can discard.
    public var fragmentedBytes: UInt64 = 0
    /// Chunks that the host turned down.
    public var refusedChunks: UInt64 = 0
    /// Holders that died.
    public var holdersDied: UInt64 = 0
}
