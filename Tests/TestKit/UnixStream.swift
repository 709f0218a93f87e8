import Glibc

/// A connected unix socket for blocking threads.
public final class UnixStream: Sendable {
    private let socket: Int32

    init(accepted socket: Int32) { self.socket = socket }

    /// Connects, waiting for the socket to appear.
    public init(path: String, timeout: Duration) throws {
        let deadline = ContinuousClock().now + timeout
        while true {
            let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)
            guard socket >= 0 else { throw KitError("socket: errno \(errno)") }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
                close(socket)
                throw KitError("\(path) is too long for a unix socket")
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            let code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if code == 0 {
                self.socket = socket
                return
            }
            let error = errno
            close(socket)
            guard ContinuousClock().now < deadline else { throw KitError("\(path): connect fails with errno \(error)") }
            usleep(20_000)
        }
    }

    deinit { close(socket) }

    /// Wakes a thread that reads; nothing more goes either way.
    public func shut() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// The next bytes: none at the timeout, nil at the end. Blocks.
    public func read(timeout: Duration) -> [UInt8]? {
        var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let (seconds, attoseconds) = timeout.components
        let ready = poll(&polled, 1, Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        return ready > 0 ? read() : []
    }

    /// The next bytes; nil at the end. Blocks.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(socket, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            return count > 0 ? Array(buffer[..<count]) : nil
        }
    }

    /// Writes all of it; blocks while the other end does not read, at most until the timeout.
    public func write(_ bytes: [UInt8], timeout: Duration) throws {
        let deadline = ContinuousClock().now + timeout
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN || errno == EINTR {
                guard ContinuousClock().now < deadline else {
                    throw KitError("the other end of the socket does not read: \(sent) of \(bytes.count) bytes written")
                }
                var polled = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
                poll(&polled, 1, 100)
            } else {
                throw KitError("writing to the socket fails with errno \(errno)")
            }
        }
    }
}
