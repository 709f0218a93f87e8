/// Something an operator wants to know, as it happens; sent to every session (in 0.1 to the controller's only).
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
        /// Since: 0.2. A part of the balloon was released because of memory pressure.
        public static let pressureRelease = Kind(rawValue: 6)
        /// The guest asked for memory, changed or withdrew that; bytes is what it asks for.
        public static let asked = Kind(rawValue: 7)
        /// Demand only grows; detail names the cgroup.
        public static let leakSuspected = Kind(rawValue: 8)
        /// The guest's administrator forbade inflation, or allowed it again.
        public static let held = Kind(rawValue: 9)
        /// Cold memory was reclaimed to make room.
        public static let reclaimed = Kind(rawValue: 10)
        /// No controller for as long as on-controller-loss allows.
        public static let controllerLostEvent = Kind(rawValue: 11)
        /// Evicted cache came back: the cache floor was raised, and memory given back.
        public static let cacheProtected = Kind(rawValue: 12)
        /// A controller's session began.
        public static let controllerConnected = Kind(rawValue: 13)
        /// The balloon reached its target.
        public static let inflated = Kind(rawValue: 14)
        /// systemd-oomd, kubelet or earlyoom are near their threshold.
        public static let otherKillerNear = Kind(rawValue: 15)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "emergency-release",
            2: "oom-kill-seen",
            3: "holder-died",
            4: "stopping",
            5: "policy-changed",
            6: "pressure-release",
            7: "asked",
            8: "leak-suspected",
            9: "held",
            10: "reclaimed",
            11: "controller-lost",
            12: "cache-protected",
            13: "controller-connected",
            14: "inflated",
            15: "other-killer-near",
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
