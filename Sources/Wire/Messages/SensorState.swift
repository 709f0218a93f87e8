/// One sensor. Since: 0.2.
public struct SensorState: WireMessage {
    /// Lower case with hyphens, such as "working-set-mglru"; at most 64 bytes.
    public var name: String = ""
    /// `available`, field 2.
    public var available: Bool = false
    /// Why not, where it is not; else what it reads.
    public var detail: String = ""

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        name: String = "",
        available: Bool = false,
        detail: String = ""
    ) {
        self.name = name
        self.available = available
        self.detail = detail
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, name)
        writer.field(2, available)
        writer.field(3, detail)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: name = try reader.string()
        case 2: available = try reader.bool()
        case 3: detail = try reader.string()
        default: return false
        }
        return true
    }
}
