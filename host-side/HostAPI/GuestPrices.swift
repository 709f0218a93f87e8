/// What a guest can give, and at which cost.
public struct GuestPrices: Codable, Sendable, Equatable {
    /// Free memory that must stay, in bytes.
    public var reserveBytes: UInt64
    /// Time since the guest booted when the list was made, in milliseconds.
    public var uptimeMilliseconds: UInt64
    /// The offers; they do not overlap.
    public var prices: [GuestPrice]

    /// Makes a list.
    public init(reserveBytes: UInt64 = 0, uptimeMilliseconds: UInt64 = 0, prices: [GuestPrice] = []) {
        self.reserveBytes = reserveBytes
        self.uptimeMilliseconds = uptimeMilliseconds
        self.prices = prices
    }
}

/// One offer of a guest's price list.
public struct GuestPrice: Codable, Sendable, Equatable {
    /// What it is: `free` (unused, above the reserve), `cache` (clean page cache above the cache floor) or `anonymous`
    /// (fits the guest's free swap). More may come.
    public var `class`: String
    /// NUMA node of the guest.
    public var node: UInt32
    /// How much, in bytes.
    public var bytes: UInt64
    /// Unused for at least so long, in milliseconds; nil where that was not measured.
    public var minimumIdleMilliseconds: UInt64?

    /// Makes an offer.
    public init(class: String, node: UInt32 = 0, bytes: UInt64, minimumIdleMilliseconds: UInt64? = nil) {
        self.class = `class`
        self.node = node
        self.bytes = bytes
        self.minimumIdleMilliseconds = minimumIdleMilliseconds
    }
}
