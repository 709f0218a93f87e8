/// What tells connections of one guest apart in packets: both ports.
struct ConnectionKey: Sendable, Hashable {
    var guestPort: UInt32
    var hostPort: UInt32
}
