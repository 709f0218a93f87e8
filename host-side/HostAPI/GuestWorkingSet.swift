/// Memory of a guest by the time since it was last used.
public struct GuestWorkingSet: Codable, Sendable, Equatable {
    /// How it was measured: `mglru`, `damon`, `damon-stat` or `refault`, more may come; nil where nothing can measure it.
    public var method: String?
    /// How far to trust it: `low`, `medium` or `high`; nil where it was not measured.
    public var confidence: String?
    /// Why this confidence, or why there is no measurement.
    public var detail: String
    /// Used within the window, in bytes.
    public var workingSetBytes: UInt64
    /// The window, in milliseconds.
    public var windowMilliseconds: UInt64
    /// How old the measurement is, in milliseconds.
    public var ageMilliseconds: UInt64
    /// Processor time that it cost, in microseconds.
    public var costMicroseconds: UInt64
    /// By node and ascending age; together all memory that the method sees.
    public var buckets: [GuestIdleBucket]

    /// Makes a measurement.
    public init(
        method: String? = nil, confidence: String? = nil, detail: String = "", workingSetBytes: UInt64 = 0,
        windowMilliseconds: UInt64 = 0, ageMilliseconds: UInt64 = 0, costMicroseconds: UInt64 = 0,
        buckets: [GuestIdleBucket] = []
    ) {
        self.method = method
        self.confidence = confidence
        self.detail = detail
        self.workingSetBytes = workingSetBytes
        self.windowMilliseconds = windowMilliseconds
        self.ageMilliseconds = ageMilliseconds
        self.costMicroseconds = costMicroseconds
        self.buckets = buckets
    }
}

/// Memory that was last used within a span of time.
public struct GuestIdleBucket: Codable, Sendable, Equatable {
    /// NUMA node of the guest.
    public var node: UInt32
    /// Unused for at least so long, in milliseconds.
    public var minimumIdleMilliseconds: UInt64
    /// And for less than this, in milliseconds; nil where there is no bound.
    public var maximumIdleMilliseconds: UInt64?
    /// Anonymous memory, in bytes.
    public var anonymousBytes: UInt64
    /// Page cache, in bytes.
    public var fileBytes: UInt64
    /// Either of them, where the method does not tell them apart, in bytes.
    public var unknownBytes: UInt64

    /// Makes a bucket.
    public init(
        node: UInt32 = 0, minimumIdleMilliseconds: UInt64, maximumIdleMilliseconds: UInt64? = nil,
        anonymousBytes: UInt64 = 0, fileBytes: UInt64 = 0, unknownBytes: UInt64 = 0
    ) {
        self.node = node
        self.minimumIdleMilliseconds = minimumIdleMilliseconds
        self.maximumIdleMilliseconds = maximumIdleMilliseconds
        self.anonymousBytes = anonymousBytes
        self.fileBytes = fileBytes
        self.unknownBytes = unknownBytes
    }
}
