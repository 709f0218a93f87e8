/// Memory by the time since it was last used. Since: 0.2.
public struct WorkingSetReport: WireMessage {
    /// Method of the schema.
    public struct Method: WireEnum {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any number is kept, so that a newer peer's value survives.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// None is available; detail says why.
        public static let unspecified = Method(rawValue: 0)
        /// Generations of the multi-generational LRU (lru_gen).
        public static let mglru = Method(rawValue: 1)
        /// DAMON, with a context of the agent's own.
        public static let damon = Method(rawValue: 2)
        /// The kernel's own DAMON_STAT.
        public static let damonStat = Method(rawValue: 3)
        /// Refault distance, with gentle probing.
        public static let refault = Method(rawValue: 4)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "mglru",
            2: "damon",
            3: "damon-stat",
            4: "refault",
        ]
    }

    /// Confidence of the schema.
    public struct Confidence: WireEnum {
        /// The number on the wire.
        public let rawValue: Int32

        /// Any number is kept, so that a newer peer's value survives.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Not given.
        public static let unspecified = Confidence(rawValue: 0)
        /// `LOW` of the schema.
        public static let low = Confidence(rawValue: 1)
        /// `MEDIUM` of the schema.
        public static let medium = Confidence(rawValue: 2)
        /// `HIGH` of the schema.
        public static let high = Confidence(rawValue: 3)

        /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
        public static let names: [Int32: StaticString] = [
            0: "unspecified",
            1: "low",
            2: "medium",
            3: "high",
        ]
    }

    /// `method`, field 1.
    public var method: Method = .unspecified
    /// `confidence`, field 2.
    public var confidence: Confidence = .unspecified
    /// Why this confidence, or why there is none.
    public var detail: String = ""
    /// By node and ascending age, at most 128; together all memory that the method sees.
    public var buckets: [IdleBucket] = []
    /// What was used within the window.
    public var workingSetBytes: UInt64 = 0
    /// `window_milliseconds`, field 6.
    public var windowMilliseconds: UInt64 = 0
    /// How old the measurement is.
    public var ageMilliseconds: UInt64 = 0
    /// Processor time that it cost.
    public var costMicroseconds: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        method: Method = .unspecified,
        confidence: Confidence = .unspecified,
        detail: String = "",
        buckets: [IdleBucket] = [],
        workingSetBytes: UInt64 = 0,
        windowMilliseconds: UInt64 = 0,
        ageMilliseconds: UInt64 = 0,
        costMicroseconds: UInt64 = 0
    ) {
        self.method = method
        self.confidence = confidence
        self.detail = detail
        self.buckets = buckets
        self.workingSetBytes = workingSetBytes
        self.windowMilliseconds = windowMilliseconds
        self.ageMilliseconds = ageMilliseconds
        self.costMicroseconds = costMicroseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, method)
        writer.field(2, confidence)
        writer.field(3, detail)
        for element in buckets { writer.message(4, element) }
        writer.field(5, workingSetBytes)
        writer.field(6, windowMilliseconds)
        writer.field(7, ageMilliseconds)
        writer.field(8, costMicroseconds)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: method = try reader.enumeration()
        case 2: confidence = try reader.enumeration()
        case 3: detail = try reader.string()
        case 4: try reader.message(appendTo: &buckets)
        case 5: workingSetBytes = try reader.uint64()
        case 6: windowMilliseconds = try reader.uint64()
        case 7: ageMilliseconds = try reader.uint64()
        case 8: costMicroseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
