import HostAPI
import Linux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A connected byte stream to an agent, whatever leads there.
struct AgentStream {
    /// How long connecting may take, in nanoseconds.
    private static let patience: UInt64 = 10_000_000_000

    let socket: OwnedDescriptor
    /// What it is called in messages.
    let name: String
    /// Bytes of the agent that came with the answer to connecting.
    private(set) var first: [UInt8] = []

    /// Connects. Blocks.
    init(_ place: GuestPlace) throws {
        switch place {
        case .vm(let name):
            throw APIError(code: .failed, message: "\(name) is asked over the daemon")
        case .local(let path):
            name = path
            socket = try Self.unix(
                path,
                remedy: path == GuestPlace.agentSocket
                    ? "does ballast-agent run on this machine? On the host name a VM: ballastctl guest <vm> <what>"
                    : "is the agent running, and is this its socket?")
        case .remote(.serial(let path)):
            name = path
            socket = try Self.unix(path, remedy: "is the VM running, and is this the socket of its port's chardev?")
        case .remote(.hybrid(let path, let port)):
            name = path
            socket = try Self.unix(path, remedy: "is the VM running, and is this the socket of its vsock device?")
            try greet(port)
        case .remote(.vsock(let cid, let port)):
            let address = VsockAddress(cid: cid ?? 0, port: port)
            name = "\(address)"
            do {
                socket = try VsockSocket.connect(to: address)
                let end = MonotonicClock.now() + Self.patience
                while try !VsockSocket.isConnected(socket.descriptor, to: address) {
                    let now = MonotonicClock.now()
                    guard now < end else {
                        throw APIError(
                            code: .unreachable, message: "\(address) does not answer",
                            remedy: "is there a running guest with that CID?")
                    }
                    try Self.wait(for: Int16(POLLOUT), nanoseconds: end - now, on: socket, name)
                }
            } catch let error as LinuxError {
                throw APIError(code: .unreachable, message: "\(error)")
            }
        }
    }

    private static func unix(_ path: String, remedy: String) throws -> OwnedDescriptor {
        do {
            return try UnixSocket.connect(to: FilePath(path))
        } catch {
            throw APIError(code: .unreachable, message: "\(error)", remedy: remedy)
        }
    }

    private mutating func greet(_ port: UInt32) throws {
        var handshake = HybridHandshake(port: port)
        let end = MonotonicClock.now() + Self.patience
        var buffer = [UInt8](repeating: 0, count: 4096)
        do {
            _ = try handshake.request.withUnsafeBytes { bytes throws(LinuxError) in
                try ByteChannel.send(socket.descriptor, from: bytes)
            }
            while true {
                let now = MonotonicClock.now()
                guard now < end else {
                    throw APIError(
                        code: .unreachable, message: "\(name) does not answer to CONNECT \(port)",
                        remedy: "is it the socket of a hybrid vsock, and does the VM run?")
                }
                try Self.wait(for: Int16(POLLIN), nanoseconds: end - now, on: socket, name)
                let outcome = try buffer.withUnsafeMutableBytes { space throws(LinuxError) in
                    try ByteChannel.receive(socket.descriptor, into: space)
                }
                switch outcome {
                case .wouldBlock: continue
                case .closed:
                    throw APIError(
                        code: .unreachable, message: "nobody listens on vsock port \(port) of the guest behind \(name)",
                        remedy: "does ballast-agent run there, with [vsock] enabled, and is it this port?")
                case .bytes(let count):
                    switch handshake.receive(buffer[..<count]) {
                    case .incomplete: continue
                    case .connected(let rest):
                        first = rest
                        return
                    case .refused(let why):
                        throw APIError(
                            code: .unreachable, message: "\(name): \(why)",
                            remedy: "--serial is for a virtio-serial port, --socket for the agent's own socket")
                    }
                }
            }
        } catch let error as LinuxError {
            throw APIError(code: .unreachable, message: "\(error)")
        }
    }

    /// Waits until the socket is ready, at most so long.
    func wait(for events: Int16, nanoseconds: UInt64) throws {
        try Self.wait(for: events, nanoseconds: nanoseconds, on: socket, name)
    }

    private static func wait(
        for events: Int16, nanoseconds: UInt64, on socket: OwnedDescriptor, _ name: String
    ) throws {
        var entry = pollfd(fd: socket.rawValue, events: events, revents: 0)
        let milliseconds = Int32(clamping: nanoseconds / 1_000_000 + 1)
        guard poll(&entry, 1, milliseconds) >= 0 || errno == EINTR else {
            throw APIError(code: .failed, message: "waiting for \(name) failed: \(Errno(rawValue: errno))")
        }
    }
}
