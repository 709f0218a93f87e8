/// Something an operator wants to know, as it happens.
public struct Event: WireMessage {
    /// Kind of the schema.
    public struct Kind: WireEnum {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any number is kept, so that a newer peer's value survives.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Not given.
        public static let unspecified = Kind(rawValue: 0)
        /// `EMERGENCY_RELEASE` of the schema.
        public static let emergencyRelease = Kind(rawValue: 1)
        /// `OOM_KILL_SEEN` of the schema.
        public static let oomKillSeen = Kind(rawValue: 2)
        /// `HOLDER_DIED_EVENT` of the schema.
        public static let holderDiedEvent = Kind(rawValue: 3)
        /// `STOPPING_EVENT` of the schema.
        public static let stoppingEvent = Kind(rawValue: 4)
        /// `POLICY_CHANGED` of the schema.
        public static let policyChanged = Kind(rawValue: 5)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "emergency-release",
            2: "oom-kill-seen",
            3: "holder-died",
            4: "stopping",
            5: "policy-changed",
        ]
    }

    /// `kind`, field 1.
    public var kind: Kind = .unspecified
    /// `reason`, field 2.
    public var reason: Reason = .noReason
    /// `bytes`, field 3.
    public var bytes: UInt64 = 0
    /// `detail`, field 4.
    public var detail: String = ""
    /// `uptime_milliseconds`, field 5.
    public var uptimeMilliseconds: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        kind: Kind = .unspecified,
        reason: Reason = .noReason,
        bytes: UInt64 = 0,
        detail: String = "",
        uptimeMilliseconds: UInt64 = 0
    ) {
        self.kind = kind
        self.reason = reason
        self.bytes = bytes
        self.detail = detail
        self.uptimeMilliseconds = uptimeMilliseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, kind)
        writer.field(2, reason)
        writer.field(3, bytes)
        writer.field(4, detail)
        writer.field(5, uptimeMilliseconds)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: kind = try reader.enumeration()
        case 2: reason = try reader.enumeration()
        case 3: bytes = try reader.uint64()
        case 4: detail = try reader.string()
        case 5: uptimeMilliseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
