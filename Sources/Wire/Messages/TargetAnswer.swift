/// The answer to SetTarget; sent again on its own (in_reply_to 0) whenever outcome or reason change.
public struct TargetAnswer: WireMessage {
    /// Outcome of the schema.
    public struct Outcome: WireEnum {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any number is kept, so that a newer peer's value survives.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Not given.
        public static let unspecified = Outcome(rawValue: 0)
        /// `ACCEPTED` of the schema.
        public static let accepted = Outcome(rawValue: 1)
        /// Only down to reachable_bytes, for the reason given.
        public static let partly = Outcome(rawValue: 2)
        /// `REFUSED` of the schema.
        public static let refused = Outcome(rawValue: 3)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "accepted",
            2: "partly",
            3: "refused",
        ]
    }

    /// `outcome`, field 1.
    public var outcome: Outcome = .unspecified
    /// The lowest target that can be reached as things stand, in bytes.
    public var reachableBytes: UInt64 = 0
    /// `reason`, field 3.
    public var reason: Reason = .noReason
    /// One sentence with the numbers that led to it.
    public var detail: String = ""
    /// Bytes held now, and the target answered.
    public var heldBytes: UInt64 = 0
    /// `target_bytes`, field 6.
    public var targetBytes: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        outcome: Outcome = .unspecified,
        reachableBytes: UInt64 = 0,
        reason: Reason = .noReason,
        detail: String = "",
        heldBytes: UInt64 = 0,
        targetBytes: UInt64 = 0
    ) {
        self.outcome = outcome
        self.reachableBytes = reachableBytes
        self.reason = reason
        self.detail = detail
        self.heldBytes = heldBytes
        self.targetBytes = targetBytes
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, outcome)
        writer.field(2, reachableBytes)
        writer.field(3, reason)
        writer.field(4, detail)
        writer.field(5, heldBytes)
        writer.field(6, targetBytes)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: outcome = try reader.enumeration()
        case 2: reachableBytes = try reader.uint64()
        case 3: reason = try reader.enumeration()
        case 4: detail = try reader.string()
        case 5: heldBytes = try reader.uint64()
        case 6: targetBytes = try reader.uint64()
        default: return false
        }
        return true
    }
}
