/// A ring's index and a number about it: the payload of several vhost-user requests.
public struct RingState: Sendable, Equatable {
    /// Which ring.
    public var index: UInt32
    /// Size, position, or whether it is enabled.
    public var number: UInt32

    /// A state to be told.
    public init(index: UInt32, number: UInt32) {
        self.index = index
        self.number = number
    }

    /// Reads 8 bytes; nil where there are fewer.
    public init?(_ payload: Span<UInt8>) {
        guard payload.count >= 8 else { return nil }
        index = payload.littleEndian(at: 0)
        number = payload.littleEndian(at: 4)
    }

    /// Its 8 bytes.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: index)
        bytes.append(littleEndian: number)
        return bytes
    }
}
