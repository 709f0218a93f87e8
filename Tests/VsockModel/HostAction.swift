/// What the host's side of a connection has to do.
public enum HostAction: Sendable, Equatable {
    /// The guest asks for that port: connect to whoever serves it, then `accept` or `refuse`.
    case dial(ConnectionID, port: UInt32)
    /// The guest agreed to the connection that the host asked for.
    case established(ConnectionID, hostPort: UInt32)
    /// Bytes of the guest wait: `deliver` them.
    case deliver(ConnectionID)
    /// The guest sends no more, and everything is delivered.
    case endWriting(ConnectionID)
    /// The guest takes no more.
    case endReading(ConnectionID)
    /// The guest has room again.
    case resume(ConnectionID)
    /// The connection is gone.
    case close(ConnectionID)
}
