/// What the guest can give, cheapest first. The sum is never more than a target would be granted now.
public struct GuestPrices: Sendable, Equatable {
    /// Cheapest first: free memory, then the longest unused.
    public let lines: [GuestPrice]
    /// Free memory that stays in any case, in bytes.
    public let reserveBytes: UInt64

    /// All that can be given, in bytes.
    public var totalBytes: UInt64 { lines.reduce(0) { $0.adding($1.bytes) } }
}
