/// One line of what the guest can give, by what it costs to give it.
public struct GuestPrice: Sendable, Equatable {
    /// What is given.
    public enum Kind: Sendable, Equatable {
        /// Free memory above the reserve: costs nothing.
        case free
        /// Page cache that can be read again.
        case cache
        /// Anonymous memory, which goes to swap.
        case anonymous
    }

    /// What is given.
    public let kind: Kind
    /// The NUMA node; 0 where nodes are not told apart.
    public let node: UInt32
    /// How much of it, in bytes.
    public let bytes: UInt64
    /// Not used for at least so long, in nanoseconds; 0 where it is not known or the memory is free.
    public let minimumIdle: UInt64
    /// Whether the age was measured.
    public let ageKnown: Bool
}
