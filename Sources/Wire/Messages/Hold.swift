/// The guest's administrator forbids inflation for a while; what is held already stays. In the role LOCAL_ADMIN only.
/// Answered by HoldState. Since: 0.2.
public struct Hold: WireMessage {
    /// From receipt; replaces a hold that is running. 0 ends it, 2^64-1 forbids until further notice.
    public var milliseconds: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        milliseconds: UInt64
    ) {
        self.milliseconds = milliseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, milliseconds)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: milliseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
