import SystemPackage

/// How long tasks have waited for memory since boot, or since their cgroup was made: two of these, with the time
/// between them, give the pressure of just that span, which the kernel's averages cannot.
public struct PressureTotals: Sendable, Hashable {
    /// At least one task waited, in microseconds.
    public var someMicroseconds: UInt64
    /// Every task waited, in microseconds.
    public var fullMicroseconds: UInt64

    /// Both totals, in microseconds.
    public init(someMicroseconds: UInt64 = 0, fullMicroseconds: UInt64 = 0) {
        self.someMicroseconds = someMicroseconds
        self.fullMicroseconds = fullMicroseconds
    }

    /// The share of a span in which at least one task waited, in hundredths of a percent, 0...10,000; 0 for a span of
    /// nothing, and where a total went backwards.
    /// - Parameters:
    ///   - earlier: the totals at the start of the span.
    ///   - nanoseconds: how long the span was.
    public func some(since earlier: PressureTotals, nanoseconds: UInt64) -> UInt32 {
        Self.share(someMicroseconds.less(earlier.someMicroseconds), nanoseconds)
    }

    /// The share of a span in which every task waited, in hundredths of a percent, 0...10,000.
    public func full(since earlier: PressureTotals, nanoseconds: UInt64) -> UInt32 {
        Self.share(fullMicroseconds.less(earlier.fullMicroseconds), nanoseconds)
    }

    private static func share(_ stalledMicroseconds: UInt64, _ nanoseconds: UInt64) -> UInt32 {
        guard nanoseconds > 0 else { return 0 }
        return UInt32(min(stalledMicroseconds.portion(10_000_000, of: nanoseconds), 10_000))
    }
}
