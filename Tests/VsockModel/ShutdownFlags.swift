/// Which halves of a connection the sender of a shutdown has ended (virtio 1.2, 5.10.6.5).
public struct ShutdownFlags: OptionSet, Sendable, Hashable {
    /// The bits on the wire.
    public let rawValue: UInt32

    /// Takes bits from the wire; unknown ones stay and mean nothing.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The sender takes no more bytes.
    public static let receiving = ShutdownFlags(rawValue: 1)
    /// The sender sends no more bytes.
    public static let sending = ShutdownFlags(rawValue: 2)
    /// Neither.
    public static let both: ShutdownFlags = [.receiving, .sending]
}
