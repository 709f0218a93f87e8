import Glibc

/// A socket of the host for connections of the guest to one port.
public final class VsockListener: Sendable {
    private let descriptor: Int32
    private let path: String

    init(path: String) throws {
        self.path = path
        descriptor = try unixSocket(at: path) { bind($0, $1, $2) }
        guard Glibc.listen(descriptor, 128) == 0 else { throw KitError("\(path): listening fails with errno \(errno)") }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// The next connection. Blocks, and throws at the timeout.
    public func accept(timeout: Duration = .seconds(60)) throws -> VsockStream {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, Int32(clamping: timeout.components.seconds * 1000)) > 0 else {
            throw KitError("the guest does not connect to \(path)")
        }
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { throw KitError("\(path): accept fails with errno \(errno)") }
        return VsockStream(descriptor: accepted)
    }
}
