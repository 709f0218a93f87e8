/// The answer to Hold. Since: 0.2.
public struct HoldState: WireMessage {
    /// 0 where inflation is not forbidden, 2^64-1 until further notice.
    public var remainingMilliseconds: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        remainingMilliseconds: UInt64
    ) {
        self.remainingMilliseconds = remainingMilliseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, remainingMilliseconds)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: remainingMilliseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
