/// How much of the host's memory and time one guest may claim. The guest may lie, so everything it can name is bounded.
public struct OfferLimits: Hashable, Sendable {
    /// The most bytes of one chunk, and so of one extent.
    public var chunkBytes: UInt64
    /// The most extents of one message.
    public var extentsPerChunk: Int
    /// The most chunks booked as held.
    public var chunks: Int
    /// The most separate ranges booked as held, 24 bytes each.
    public var heldRanges: Int
    /// The most chunks in flight at once.
    public var chunksInFlight: Int

    /// Sets every limit.
    public init(chunkBytes: UInt64, extentsPerChunk: Int, chunks: Int, heldRanges: Int, chunksInFlight: Int) {
        self.chunkBytes = chunkBytes
        self.extentsPerChunk = extentsPerChunk
        self.chunks = chunks
        self.heldRanges = heldRanges
        self.chunksInFlight = chunksInFlight
    }

    /// 64 MiB and 8,192 extents a chunk, 65,536 chunks, 524,288 ranges, 16 chunks in flight.
    public static let standard = OfferLimits(
        chunkBytes: 64 << 20, extentsPerChunk: 8192, chunks: 65_536, heldRanges: 524_288, chunksInFlight: 16)
}
