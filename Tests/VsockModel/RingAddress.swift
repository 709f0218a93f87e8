/// Where a ring lies, in addresses of the VMM's own process.
public struct RingAddress: Sendable, Equatable {
    /// Which ring.
    public var index: UInt32
    /// The descriptor table.
    public var descriptors: UInt64
    /// The device's ring.
    public var used: UInt64
    /// The driver's ring.
    public var available: UInt64

    /// Reads 40 bytes; nil where there are fewer.
    public init?(_ payload: Span<UInt8>) {
        guard payload.count >= 40 else { return nil }
        index = payload.littleEndian(at: 0)
        descriptors = payload.littleEndian(at: 8)
        used = payload.littleEndian(at: 16)
        available = payload.littleEndian(at: 24)
    }
}
