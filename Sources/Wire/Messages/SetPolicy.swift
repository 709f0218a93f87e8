/// Changes policies; absent fields stay. Answered by PolicyState, or Failure REFUSED where the guest's configuration
/// does not allow the value.
public struct SetPolicy: WireMessage {
    /// 0, or 100 ... 86,400,000.
    public var statsPeriodMilliseconds: UInt64?
    /// `deflate_on_oom`, field 2.
    public var deflateOnOom: DeflateOnOom?

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        statsPeriodMilliseconds: UInt64? = nil,
        deflateOnOom: DeflateOnOom? = nil
    ) {
        self.statsPeriodMilliseconds = statsPeriodMilliseconds
        self.deflateOnOom = deflateOnOom
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        if let statsPeriodMilliseconds { writer.always(1, statsPeriodMilliseconds) }
        if let deflateOnOom { writer.always(2, deflateOnOom) }
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
