/// A connection for as long as the program runs; never used again, unlike ports.
public struct ConnectionID: Sendable, Hashable {
    /// Its number, from 1 on.
    public let rawValue: UInt64

    /// The connection of that number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}
