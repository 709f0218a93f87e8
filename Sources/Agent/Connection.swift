import Linux
import SystemPackage
import Wire

/// One byte stream of a peer with its session and what waits to be written. The virtio-serial port and each accepted
/// unix connection are of this kind; other transports only have to make one.
final class Connection {
    /// Where the stream comes from.
    enum Transport {
        /// The virtio-serial port: it outlives its peers.
        case port
        /// A connection of the local unix socket: it ends with its peer.
        case local
        /// A connection of the vsock listener: it ends with its peer too.
        case vsock
    }

    /// Beyond this many waiting bytes reports are left out: a peer that reads slowly gets fewer, not older ones.
    static let reportLimit = 128 << 10
    /// Beyond this a controller counts as one that never reads.
    static let hardLimit = 16 << 20
    /// The same for everybody else.
    static let observerLimit = 256 << 10
    /// How long a peer of a listener has to greet, in nanoseconds.
    static let greetingDeadline: UInt64 = 10_000_000_000
    /// What is read of a peer that may not be anything, in bytes: enough for its Hello.
    static let strangerLimit = 4096
    /// What is read of a controller in one turn of the loop, in bytes.
    static let controllerTurn = 32 << 10
    /// The same for everybody else: some twenty questions, whose answers may take a while.
    static let observerTurn = 512

    let transport: Transport
    let token: UInt64
    let descriptor: OwnedDescriptor
    var session: AgentSession
    /// What the peer called itself in its Hello.
    var peer = ""
    private var output: [UInt8] = []
    private var written = 0
    /// On the port: nobody listens on the host's side now.
    var peerIsAbsent = false
    /// How far its peer is trusted.
    let trust: ConnectionQuota.Trust
    /// Whether its queries are counted against what everybody together may ask.
    let isMetered: Bool
    /// When a peer that has not greeted is dropped; nil where that may take any time.
    private(set) var greetBy: UInt64?
    /// How much more is read of a peer that may not be anything; nil for any other.
    private var allowance: Int?

    /// The port, or a connection of the local socket.
    init(transport: Transport, token: UInt64, descriptor: OwnedDescriptor, now: UInt64) {
        self.transport = transport
        self.token = token
        self.descriptor = descriptor
        trust = .controller
        isMetered = false
        greetBy = transport == .port ? nil : now + Self.greetingDeadline
        session = AgentSession(
            allowedRoles: transport == .port ? [.controller, .observer] : [.localAdmin, .observer])
    }

    /// A connection of the vsock listener.
    init(vsock verdict: VsockDoor.Verdict, token: UInt64, descriptor: OwnedDescriptor, now: UInt64) {
        transport = .vsock
        self.token = token
        self.descriptor = descriptor
        trust = verdict.roles.contains(.controller) ? .controller : verdict.roles.isEmpty ? .none : .observer
        isMetered = verdict.isMetered
        greetBy = now + Self.greetingDeadline
        allowance = verdict.roles.isEmpty ? Self.strangerLimit : nil
        session = AgentSession(allowedRoles: verdict.roles, refusal: verdict.refusal, stopsAtFault: true)
    }

    /// What is read of it in one turn of the loop, in bytes; nil for all that there is.
    var turn: Int? {
        if transport == .port { return nil }
        return session.role == .controller ? Self.controllerTurn : Self.observerTurn
    }

    /// What of this many bytes may be read; a stranger that goes on after its Hello is read no further.
    func mayRead(_ count: Int) -> Bool {
        guard let left = allowance else { return true }
        allowance = left - min(left, count)
        return count <= left
    }

    /// Whether its time to greet is over.
    func isLate(now: UInt64) -> Bool {
        // Once it has greeted it may begin anew whenever it likes.
        if session.role != nil { greetBy = nil }
        return greetBy.map { now >= $0 } ?? false
    }

    /// Bytes that wait for the peer.
    var waitingBytes: Int { output.count - written }

    /// Queues bytes; false where the peer has not read for too long.
    func queue(_ bytes: [UInt8]) -> Bool {
        let isPatient = transport == .port || session.role == .controller
        guard waitingBytes + bytes.count <= (isPatient ? Self.hardLimit : Self.observerLimit) else { return false }
        if written == output.count {
            output.removeAll(keepingCapacity: output.capacity <= 256 << 10)
            written = 0
        }
        output += bytes
        return true
    }

    /// Forgets what waits: it belonged to a session that is over.
    func dropOutput() {
        output = []
        written = 0
    }

    /// Writes what the peer takes. Throws where the stream is broken; an absent host is none of that.
    func flush() throws(LinuxError) {
        while written < output.count {
            let outcome = try unsafe output.withUnsafeBufferPointer { bytes throws(LinuxError) -> ByteChannel.Outcome in
                // The port's driver copies at most 32 KiB a call; vsock wants memory in one piece for what it takes,
                // which may be hard to find when the answer matters most.
                let most = transport == .vsock ? 8192 : 32768
                let part = unsafe UnsafeRawBufferPointer(
                    UnsafeBufferPointer(rebasing: bytes[written..<min(written + most, bytes.count)]))
                return transport == .port
                    ? try unsafe ByteChannel.write(descriptor.descriptor, from: part)
                    : try unsafe ByteChannel.send(descriptor.descriptor, from: part)
            }
            switch outcome {
            case .bytes(let count): written += count
            case .wouldBlock: return
            case .closed:
                dropOutput()
                return
            }
        }
        dropOutput()
    }
}
