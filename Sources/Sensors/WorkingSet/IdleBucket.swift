/// Memory of one node that was last used within one span of time before the measurement.
public struct IdleBucket: Sendable, Hashable {
    /// Unused for at least so many nanoseconds.
    public var minimumIdle: UInt64
    /// Used within so many nanoseconds; nil where there is no bound. Without a bound and with a minimum of 0 the age
    /// is not known.
    public var maximumIdle: UInt64?
    /// Anonymous memory, and memory of tmpfs, in bytes.
    public var anonymousBytes: UInt64
    /// Page cache, in bytes.
    public var fileBytes: UInt64
    /// Memory of which the method cannot tell the kind, in bytes.
    public var unknownBytes: UInt64
    /// The NUMA node; 0 where the method does not tell nodes apart.
    public var node: UInt32

    /// A bucket; empty unless told otherwise.
    public init(
        minimumIdle: UInt64, maximumIdle: UInt64?, anonymousBytes: UInt64 = 0, fileBytes: UInt64 = 0,
        unknownBytes: UInt64 = 0, node: UInt32 = 0
    ) {
        self.minimumIdle = minimumIdle
        self.maximumIdle = maximumIdle
        self.anonymousBytes = anonymousBytes
        self.fileBytes = fileBytes
        self.unknownBytes = unknownBytes
        self.node = node
    }

    /// All of its memory, in bytes.
    public var bytes: UInt64 { anonymousBytes.adding(fileBytes).adding(unknownBytes) }
}
