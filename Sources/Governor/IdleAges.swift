/// How long memory has not been used: the working set's histogram.
public struct IdleAges: Sendable, Equatable {
    /// How the ages were found.
    public enum Method: Sendable, Equatable, CaseIterable {
        /// Generations of the multi-generational LRU.
        case generations
        /// DAMON's regions of physical addresses.
        case regions
        /// The kernel's DAMON_STAT, which does not tell anonymous from file memory.
        case statistics
        /// Probing with refaults.
        case refaults
    }

    /// How far the ages can be relied on. At `.low` they are not used.
    public enum Confidence: Int, Sendable, Comparable, CaseIterable {
        /// A guess.
        case low
        /// Right within a quarter.
        case medium
        /// As good as the method gets.
        case high

        /// By rank.
        public static func < (one: Confidence, other: Confidence) -> Bool { one.rawValue < other.rawValue }
    }

    /// Memory of similar age, in bytes.
    public struct Bucket: Sendable, Equatable {
        /// Not used for at least so long when it was measured, in nanoseconds.
        public var minimumIdle: UInt64
        /// Anonymous memory.
        public var anonymousBytes: UInt64
        /// Page cache.
        public var fileBytes: UInt64
        /// Memory of which the kind is not known.
        public var unknownBytes: UInt64
        /// The NUMA node; 0 where nodes are not told apart.
        public var node: UInt32

        /// One bucket.
        public init(
            minimumIdle: UInt64, anonymousBytes: UInt64 = 0, fileBytes: UInt64 = 0, unknownBytes: UInt64 = 0,
            node: UInt32 = 0
        ) {
            self.minimumIdle = minimumIdle
            self.anonymousBytes = anonymousBytes
            self.fileBytes = fileBytes
            self.unknownBytes = unknownBytes
            self.node = node
        }
    }

    /// In any order; together all memory that the method sees.
    public var buckets: [Bucket]
    /// How they were found.
    public var method: Method
    /// How far to rely on them.
    public var confidence: Confidence
    /// When they were measured, on the clock of `now`.
    public var measuredAt: UInt64

    /// A histogram.
    public init(buckets: [Bucket], method: Method, confidence: Confidence, measuredAt: UInt64) {
        self.buckets = buckets
        self.method = method
        self.confidence = confidence
        self.measuredAt = measuredAt
    }
}
