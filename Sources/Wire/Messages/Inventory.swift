/// What the agent holds, one chunk a message, sent to a controller after HelloReply without being asked. It books and
/// discards nothing. The last message has `last` set and no chunk.
public struct Inventory: WireMessage {
    /// `chunk`, field 1.
    public var chunk: UInt64 = 0
    /// `bytes`, field 2.
    public var bytes: UInt64 = 0
    /// As in Offer.
    public var extents: [UInt64] = []
    /// `last`, field 4.
    public var last: Bool = false

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        chunk: UInt64 = 0,
        bytes: UInt64 = 0,
        extents: [UInt64] = [],
        last: Bool = false
    ) {
        self.chunk = chunk
        self.bytes = bytes
        self.extents = extents
        self.last = last
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, chunk)
        writer.field(2, bytes)
        writer.packed(3, extents)
        writer.field(4, last)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: chunk = try reader.uint64()
        case 2: bytes = try reader.uint64()
        case 3: try reader.packed(into: &extents)
        case 4: last = try reader.bool()
        default: return false
        }
        return true
    }
}
