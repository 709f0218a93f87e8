/// Asks for a Report. An older agent leaves out what it does not know.
public struct Query: WireMessage {
    /// Topic of the schema.
    public struct Topic: WireEnum {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any number is kept, so that a newer peer's value survives.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Not given.
        public static let unspecified = Topic(rawValue: 0)
        /// `MEMORY` of the schema.
        public static let memory = Topic(rawValue: 1)
        /// `PRESSURE` of the schema.
        public static let pressure = Topic(rawValue: 2)
        /// `BALLOON` of the schema.
        public static let balloon = Topic(rawValue: 3)
        /// `POLICY` of the schema.
        public static let policy = Topic(rawValue: 4)
        /// Since: 0.2. May cost a measurement (WorkingSetReport.cost_microseconds).
        public static let workingSet = Topic(rawValue: 5)
        /// Reads every cgroup.
        public static let top = Topic(rawValue: 6)
        /// `PRICES` of the schema.
        public static let prices = Topic(rawValue: 7)
        /// `SENSORS` of the schema.
        public static let sensors = Topic(rawValue: 8)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "memory",
            2: "pressure",
            3: "balloon",
            4: "policy",
            5: "working-set",
            6: "top",
            7: "prices",
            8: "sensors",
        ]
    }

    /// Empty asks for all that is cheap: MEMORY, PRESSURE, BALLOON, POLICY and PRICES.
    public var topics: [Topic] = []

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        topics: [Topic]
    ) {
        self.topics = topics
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.packed(1, topics)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: try reader.packed(into: &topics)
        default: return false
        }
        return true
    }
}
