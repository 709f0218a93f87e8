/// ReleaseAnswer of the schema.
public struct ReleaseAnswer: WireMessage {
    /// Bytes whose release was ordered.
    public var bytes: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        bytes: UInt64
    ) {
        self.bytes = bytes
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, bytes)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: bytes = try reader.uint64()
        default: return false
        }
        return true
    }
}
