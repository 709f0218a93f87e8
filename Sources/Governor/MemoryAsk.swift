public import Wire

/// The guest asks the host for memory.
public struct MemoryAsk: Sendable, Equatable {
    /// Bytes that are wanted above what the host's target leaves the guest; 0 withdraws the ask: what it has now is
    /// enough.
    public let bytes: UInt64
    /// Why; `.noReason` where it is withdrawn.
    public let reason: Reason
    /// One sentence with the numbers.
    public let detail: String
    /// Programs are waiting or dying; else there is time.
    public let urgent: Bool
    /// How long the ask holds unless it is renewed or withdrawn, in nanoseconds.
    public let holdFor: UInt64
    /// Counts the asks, from 1 on.
    public let sequence: UInt64
}
