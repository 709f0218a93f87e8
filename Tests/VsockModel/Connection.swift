/// One stream between guest and host, seen from the device.
final class Connection {
    enum Phase: Sendable, Equatable {
        /// The host asked; the guest has not answered.
        case asking
        /// The guest asked; the host's side is being connected.
        case answering
        /// Bytes may flow.
        case open
        /// The host's side is gone; the guest has to confirm by a reset.
        case leaving
        /// The guest's side is gone; its last bytes are still being delivered.
        case draining
    }

    /// Packets that the guest has to get; one of each kind at most, so that no guest can make them pile up.
    struct Pending: OptionSet, Sendable {
        let rawValue: UInt8
        static let request = Pending(rawValue: 1)
        static let response = Pending(rawValue: 2)
        static let creditUpdate = Pending(rawValue: 4)
        static let creditRequest = Pending(rawValue: 8)
        static let shutdown = Pending(rawValue: 16)
    }

    let key: ConnectionKey
    var phase: Phase
    var pending: Pending = []
    /// Whether it waits in the table's list of connections with something pending.
    var listed = false
    /// The guest's bytes on their way to the host.
    var toHost: ByteRing
    /// Halves that the guest has ended.
    var guestShutdown: ShutdownFlags = []
    /// Halves that the host has ended.
    var hostShutdown: ShutdownFlags = []
    /// Whether the host's side was told that the guest sends no more.
    var writingEnded = false
    /// Whether the host's side had more to send than the guest had room for.
    var starved = false

    // Counters are modulo 2^32 (virtio 1.2, 5.10.6.3).
    /// The guest's buffer in bytes.
    var peerBufferBytes: UInt32 = 0
    /// What the guest has taken out of it.
    var peerForwardedBytes: UInt32 = 0
    /// What was sent to the guest.
    var sentBytes: UInt32 = 0
    /// What was taken out of `toHost`.
    var forwardedBytes: UInt32 = 0
    /// The same as the guest knows it.
    var toldForwardedBytes: UInt32 = 0

    init(key: ConnectionKey, phase: Phase, bufferBytes: Int) {
        self.key = key
        self.phase = phase
        toHost = ByteRing(capacity: bufferBytes)
    }

    /// Bytes that the guest has room for, by what it told last.
    var credit: Int {
        guard phase == .open, pending.isDisjoint(with: [.request, .response]), !guestShutdown.contains(.receiving),
            !hostShutdown.contains(.sending)
        else { return 0 }
        let underway = sentBytes &- peerForwardedBytes
        return underway < peerBufferBytes ? Int(peerBufferBytes - underway) : 0
    }

    func learnCredit(_ header: PacketHeader) {
        peerBufferBytes = header.bufferBytes
        peerForwardedBytes = header.forwardedBytes
    }

    /// Counts bytes as taken; whether the guest should be told of it now. Waiting for a quarter of the buffer keeps
    /// updates rare, and three quarters remain for the guest to go on with.
    func forward(_ count: Int) -> Bool {
        forwardedBytes &+= UInt32(truncatingIfNeeded: count)
        return phase == .open && !guestShutdown.contains(.sending)
            && Int(forwardedBytes &- toldForwardedBytes) >= toHost.capacity / 4
    }
}
