/// One look at the guest's memory, cheap enough to be taken every 10 ms.
public struct Sample: Sendable, Equatable {
    /// MemAvailable in bytes.
    public var availableBytes: UInt64
    /// The kernel's count of OOM kills since boot; nil where it could not be read this time.
    public var oomKills: UInt64?
    /// Bytes that the balloon holds.
    public var heldBytes: UInt64
    /// Bytes that are being populated, pinned, offered or in quarantine.
    public var inFlightBytes: UInt64
    /// Bytes of these that are being populated: only that makes programs wait.
    public var populatingBytes: UInt64

    /// One look. All that is in flight counts as being populated where that is not said apart.
    public init(
        availableBytes: UInt64, oomKills: UInt64?, heldBytes: UInt64, inFlightBytes: UInt64,
        populatingBytes: UInt64? = nil
    ) {
        self.availableBytes = availableBytes
        self.oomKills = oomKills
        self.heldBytes = heldBytes
        self.inFlightBytes = inFlightBytes
        self.populatingBytes = populatingBytes ?? inFlightBytes
    }

    /// Bytes that the balloon has, in flight included.
    var balloonBytes: UInt64 { heldBytes.adding(inFlightBytes) }
}
