/// What the agent can see of this guest. Since: 0.2.
public struct SensorList: WireMessage {
    /// At most 32.
    public var sensors: [SensorState] = []

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        sensors: [SensorState]
    ) {
        self.sensors = sensors
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        for element in sensors { writer.message(1, element) }
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: try reader.message(appendTo: &sensors)
        default: return false
        }
        return true
    }
}
