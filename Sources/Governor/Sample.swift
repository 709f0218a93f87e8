/// One look at the guest's memory, cheap enough to be taken every 10 ms.
public struct Sample: Sendable, Equatable {
    /// MemAvailable in bytes.
    public var availableBytes: UInt64
    /// The kernel's count of OOM kills since boot; nil where it could not be read this time.
    public var oomKills: UInt64?
    /// Bytes that the balloon holds, quarantined ones included.
    public var heldBytes: UInt64
    /// Bytes that are being populated, pinned or offered.
    public var inFlightBytes: UInt64

    /// One look.
    public init(availableBytes: UInt64, oomKills: UInt64?, heldBytes: UInt64, inFlightBytes: UInt64) {
        self.availableBytes = availableBytes
        self.oomKills = oomKills
        self.heldBytes = heldBytes
        self.inFlightBytes = inFlightBytes
    }

    /// Bytes that the balloon has, in flight included.
    var balloonBytes: UInt64 { heldBytes.adding(inFlightBytes) }
}
