/// Asks the agent to pin, stamp and offer held chunks anew, since the host found their pages resident again.
public struct Reoffer: WireMessage {
    /// At most 4,096 numbers a message.
    public var chunks: [UInt64] = []

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        chunks: [UInt64]
    ) {
        self.chunks = chunks
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.packed(1, chunks)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: try reader.packed(into: &chunks)
        default: return false
        }
        return true
    }
}
