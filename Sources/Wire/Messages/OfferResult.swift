/// The host's answer to an Offer.
public struct OfferResult: WireMessage {
    /// Status of the schema.
    public struct Status: WireEnum {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any number is kept, so that a newer peer's value survives.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Not given.
        public static let unspecified = Status(rawValue: 0)
        /// `DISCARDED` of the schema.
        public static let discarded = Status(rawValue: 1)
        /// A page did not carry its stamp.
        public static let refusedStamp = Status(rawValue: 2)
        /// An extent is outside RAM, unaligned, overlapping or duplicated.
        public static let refusedRange = Status(rawValue: 3)
        /// The offer grew older than one second before it could be discarded.
        public static let refusedStale = Status(rawValue: 4)
        /// The VM's state forbids discarding now (paused, migrating, a job is running, a VFIO device, ...).
        public static let refusedState = Status(rawValue: 5)
        /// The discard itself failed; some of the pages may be gone.
        public static let failed = Status(rawValue: 6)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "discarded",
            2: "refused-stamp",
            3: "refused-range",
            4: "refused-stale",
            5: "refused-state",
            6: "failed",
        ]
    }

    /// `chunk`, field 1.
    public var chunk: UInt64 = 0
    /// `sequence`, field 2.
    public var sequence: UInt64 = 0
    /// `status`, field 3.
    public var status: Status = .unspecified
    /// Bytes that the host measured as gone.
    public var discardedBytes: UInt64 = 0
    /// `detail`, field 5.
    public var detail: String = ""

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        chunk: UInt64 = 0,
        sequence: UInt64 = 0,
        status: Status = .unspecified,
        discardedBytes: UInt64 = 0,
        detail: String = ""
    ) {
        self.chunk = chunk
        self.sequence = sequence
        self.status = status
        self.discardedBytes = discardedBytes
        self.detail = detail
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, chunk)
        writer.field(2, sequence)
        writer.field(3, status)
        writer.field(4, discardedBytes)
        writer.field(5, detail)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: chunk = try reader.uint64()
        case 2: sequence = try reader.uint64()
        case 3: status = try reader.enumeration()
        case 4: discardedBytes = try reader.uint64()
        case 5: detail = try reader.string()
        default: return false
        }
        return true
    }
}
