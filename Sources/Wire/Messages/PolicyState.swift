/// The policies in force.
public struct PolicyState: WireMessage {
    /// Period of unasked Reports in milliseconds; 0 means none.
    public var statsPeriodMilliseconds: UInt64 = 0
    /// `deflate_on_oom`, field 2.
    public var deflateOnOom: DeflateOnOom = .unspecified

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        statsPeriodMilliseconds: UInt64 = 0,
        deflateOnOom: DeflateOnOom = .unspecified
    ) {
        self.statsPeriodMilliseconds = statsPeriodMilliseconds
        self.deflateOnOom = deflateOnOom
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, statsPeriodMilliseconds)
        writer.field(2, deflateOnOom)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: statsPeriodMilliseconds = try reader.uint64()
        case 2: deflateOnOom = try reader.enumeration()
        default: return false
        }
        return true
    }
}
