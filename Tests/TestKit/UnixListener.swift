import Glibc

/// A unix socket that a test listens on, in place of the one of a VMM.
public final class UnixListener: Sendable {
    /// Where it listens.
    public let path: String
    private let socket: Int32

    /// Listens at a path that does not exist yet.
    public init(path: String) throws {
        self.path = path
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)
        guard socket >= 0 else { throw KitError("socket: errno \(errno)") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw KitError("\(path) is too long for a unix socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let socket = socket
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, listen(socket, 8) == 0 else { throw KitError("\(path): listening fails with errno \(errno)") }
    }

    deinit {
        close(socket)
        unlink(path)
    }

    /// The next connection; throws where none comes in time. Blocks.
    public func accept(timeout: Duration) throws -> UnixStream {
        var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, Int32(clamping: timeout.components.seconds * 1000)) > 0 else {
            throw KitError("nobody connects to \(path)")
        }
        let accepted = Glibc.accept(socket, nil, nil)
        guard accepted >= 0 else { throw KitError("\(path): accept fails with errno \(errno)") }
        return UnixStream(accepted: accepted)
    }
}
