/// An answer that says no.
public struct Failure: WireMessage {
    /// Code of the schema.
    public struct Code: WireEnum {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any number is kept, so that a newer peer's value survives.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Not given.
        public static let unspecified = Code(rawValue: 0)
        /// The payload is no message of this schema.
        public static let malformed = Code(rawValue: 1)
        /// `UNKNOWN_REQUEST` of the schema.
        public static let unknownRequest = Code(rawValue: 2)
        /// The role may not ask this.
        public static let notAllowed = Code(rawValue: 3)
        /// Before Hello, or twice Hello.
        public static let outOfOrder = Code(rawValue: 4)
        /// Another controller has the agent.
        public static let busy = Code(rawValue: 5)
        /// A value is outside its range or the guest's configuration forbids it.
        public static let refused = Code(rawValue: 6)
        /// `INTERNAL` of the schema.
        public static let internalError = Code(rawValue: 7)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "malformed",
            2: "unknown-request",
            3: "not-allowed",
            4: "out-of-order",
            5: "busy",
            6: "refused",
            7: "internal-error",
        ]
    }

    /// `code`, field 1.
    public var code: Code = .unspecified
    /// `message`, field 2.
    public var message: String = ""

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        code: Code = .unspecified,
        message: String = ""
    ) {
        self.code = code
        self.message = message
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, code)
        writer.field(2, message)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: code = try reader.enumeration()
        case 2: message = try reader.string()
        default: return false
        }
        return true
    }
}
