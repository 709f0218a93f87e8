/// Memory by the time since it was last used: what a working set is read from.
public struct IdleHistogram: Sendable, Hashable {
    /// How the ages were found.
    public enum Method: Sendable, Hashable, CaseIterable {
        /// Generations of the multi-generational LRU, with the reference flags of cache that nobody has mapped.
        case mglru
        /// A random sample of page frames that DAMON watches for this agent alone.
        case damon
        /// The kernel's own DAMON_STAT.
        case damonStat
        /// The kernel's lists of pages, and what came back after it was reclaimed.
        case refault

        /// As in the wire's schema: lower case, with hyphens.
        public var name: String {
            switch self {
            case .mglru: "mglru"
            case .damon: "damon"
            case .damonStat: "damon-stat"
            case .refault: "refault"
            }
        }
    }

    /// How far the numbers can be trusted.
    public enum Confidence: Int, Sendable, Hashable, Comparable, CaseIterable {
        /// A bound, or a guess with a known direction.
        case low
        /// Right in size, coarse in age, or with a part that could not be dated.
        case medium
        /// Measured.
        case high

        /// By trust.
        public static func < (left: Confidence, right: Confidence) -> Bool { left.rawValue < right.rawValue }
    }

    /// How the ages were found.
    public var method: Method
    /// How far the numbers can be trusted.
    public var confidence: Confidence
    /// One sentence: why this confidence.
    public var detail: String
    /// By node and ascending age. Together all evictable memory that the method sees.
    public var buckets: [IdleBucket]
    /// When it was measured, in nanoseconds of the clock that the sensor was given. Ages count from then.
    public var measuredAt: UInt64

    /// A histogram of these buckets, which are put in order.
    public init(
        method: Method, confidence: Confidence, detail: String, buckets: [IdleBucket], measuredAt: UInt64
    ) {
        self.method = method
        self.confidence = confidence
        self.detail = detail
        self.buckets = buckets.sorted {
            ($0.node, $0.minimumIdle, $0.maximumIdle ?? .max) < ($1.node, $1.minimumIdle, $1.maximumIdle ?? .max)
        }
        self.measuredAt = measuredAt
    }

    /// All memory in it, in bytes.
    public var totalBytes: UInt64 { buckets.reduce(0 as UInt64) { $0.adding($1.bytes) } }

    /// Memory that was certainly not used for this many nanoseconds, in bytes. A bucket that the age cuts through
    /// counts as used.
    public func bytes(idleForAtLeast age: UInt64) -> UInt64 {
        buckets.reduce(0) { $1.minimumIdle >= age ? $0.adding($1.bytes) : $0 }
    }

    /// Anonymous memory that was certainly not used for this many nanoseconds, in bytes.
    public func anonymousBytes(idleForAtLeast age: UInt64) -> UInt64 {
        buckets.reduce(0) { $1.minimumIdle >= age ? $0.adding($1.anonymousBytes) : $0 }
    }

    /// Page cache that was certainly not used for this many nanoseconds, in bytes.
    public func fileBytes(idleForAtLeast age: UInt64) -> UInt64 {
        buckets.reduce(0) { $1.minimumIdle >= age ? $0.adding($1.fileBytes) : $0 }
    }

    /// The working set: memory that was or may have been used within the last nanoseconds, in bytes.
    public func workingSet(window: UInt64) -> UInt64 { totalBytes.less(bytes(idleForAtLeast: window)) }
}
