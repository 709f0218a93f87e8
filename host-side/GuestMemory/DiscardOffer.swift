public import Wire

/// An offer as the host received it.
public struct DiscardOffer: Sendable {
    /// The guest's number of the chunk.
    public var chunk: UInt64
    /// What may be discarded: exactly these frames.
    public var extents: [Extent]
    /// The nonce of the session on which it came.
    public var nonce: Nonce
    /// When it came, by `CLOCK_BOOTTIME` in nanoseconds.
    public var receivedAt: UInt64

    /// Describes an offer.
    public init(chunk: UInt64, extents: [Extent], nonce: Nonce, receivedAt: UInt64) {
        self.chunk = chunk
        self.extents = extents
        self.nonce = nonce
        self.receivedAt = receivedAt
    }
}
