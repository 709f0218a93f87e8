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
    }

    /// Beyond this many waiting bytes reports are left out: a peer that reads slowly gets fewer, not older ones.
    static let reportLimit = 128 << 10
    /// Beyond this a peer counts as one that never reads.
    static let hardLimit = 16 << 20

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

    init(transport: Transport, token: UInt64, descriptor: OwnedDescriptor) {
        self.transport = transport
        self.token = token
        self.descriptor = descriptor
        session = AgentSession(
            allowedRoles: transport == .port ? [.controller, .observer] : [.localAdmin, .observer])
    }

    /// Bytes that wait for the peer.
    var waitingBytes: Int { output.count - written }

    /// Queues bytes; false where the peer has not read for too long.
    func queue(_ bytes: [UInt8]) -> Bool {
        guard waitingBytes + bytes.count <= Self.hardLimit else { return false }
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
                // The port's driver copies at most 32 KiB a call.
                let part = unsafe UnsafeRawBufferPointer(
                    UnsafeBufferPointer(rebasing: bytes[written..<min(written + 32768, bytes.count)]))
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
