/// The number that comes with a ring's descriptor: its index, and whether there is a descriptor at all.
public struct RingDescriptor: Sendable, Equatable {
    /// Which ring.
    public var index: UInt32
    /// Whether a descriptor came with the message.
    public var hasDescriptor: Bool

    /// Reads 8 bytes; nil where there are fewer.
    public init?(_ payload: Span<UInt8>) {
        guard payload.count >= 8 else { return nil }
        let number: UInt64 = payload.littleEndian(at: 0)
        index = UInt32(number & 0xFF)
        hasDescriptor = number & 0x100 == 0
    }
}
