/// Held memory of one NUMA node.
public struct NodeBalloon: WireMessage {
    /// `node`, field 1.
    public var node: UInt32 = 0
    /// `held_bytes`, field 2.
    public var heldBytes: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        node: UInt32 = 0,
        heldBytes: UInt64 = 0
    ) {
        self.node = node
        self.heldBytes = heldBytes
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, node)
        writer.field(2, heldBytes)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: node = try reader.uint32()
        case 2: heldBytes = try reader.uint64()
        default: return false
        }
        return true
    }
}
