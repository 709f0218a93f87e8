/// Chunks that the guest uses again; told afterwards, no permission needed.
public struct Released: WireMessage {
    /// At most 4,096 numbers a message.
    public var chunks: [UInt64] = []
    /// `bytes`, field 2.
    public var bytes: UInt64 = 0
    /// `reason`, field 3.
    public var reason: Reason = .noReason

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        chunks: [UInt64] = [],
        bytes: UInt64 = 0,
        reason: Reason = .noReason
    ) {
        self.chunks = chunks
        self.bytes = bytes
        self.reason = reason
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.packed(1, chunks)
        writer.field(2, bytes)
        writer.field(3, reason)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: try reader.packed(into: &chunks)
        case 2: bytes = try reader.uint64()
        case 3: reason = try reader.enumeration()
        default: return false
        }
        return true
    }
}
