/// One offer of a price list.
public struct Price: WireMessage {
    /// Class of the schema.
    public struct Class: WireEnum {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any number is kept, so that a newer peer's value survives.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Not given.
        public static let unspecified = Class(rawValue: 0)
        /// Unused memory above the reserve.
        public static let free = Class(rawValue: 1)
        /// Clean page cache above the cache floor.
        public static let cache = Class(rawValue: 2)
        /// Anonymous memory that fits the guest's free swap.
        public static let anonymous = Class(rawValue: 3)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "free",
            2: "cache",
            3: "anonymous",
        ]
    }

    /// `class`, field 1.
    public var `class`: Class = .unspecified
    /// NUMA node.
    public var node: UInt32 = 0
    /// `bytes`, field 3.
    public var bytes: UInt64 = 0
    /// Unused for at least so long; 0 where it is not known, and for FREE.
    public var minimumIdleMilliseconds: UInt64 = 0
    /// Whether the age was measured.
    public var ageKnown: Bool = false

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        class: Class = .unspecified,
        node: UInt32 = 0,
        bytes: UInt64 = 0,
        minimumIdleMilliseconds: UInt64 = 0,
        ageKnown: Bool = false
    ) {
        self.class = `class`
        self.node = node
        self.bytes = bytes
        self.minimumIdleMilliseconds = minimumIdleMilliseconds
        self.ageKnown = ageKnown
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, `class`)
        writer.field(2, node)
        writer.field(3, bytes)
        writer.field(4, minimumIdleMilliseconds)
        writer.field(5, ageKnown)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: `class` = try reader.enumeration()
        case 2: node = try reader.uint32()
        case 3: bytes = try reader.uint64()
        case 4: minimumIdleMilliseconds = try reader.uint64()
        case 5: ageKnown = try reader.bool()
        default: return false
        }
        return true
    }
}
