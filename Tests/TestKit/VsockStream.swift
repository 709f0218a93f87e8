import Glibc

/// The host's end of a connection to a guest, for blocking threads.
public final class VsockStream: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Asks the hybrid socket for a port of the guest; nil where nobody listens there.
    convenience init?(socket path: String, port: UInt32, timeout: Duration) throws {
        self.init(descriptor: try unixSocket(at: path) { connect($0, $1, $2) })
        try write(Array("CONNECT \(port)\n".utf8), timeout: timeout)
        var line = ""
        // One byte at a time: what follows is the guest's.
        while let byte = try read(1, timeout: timeout).first {
            if byte == UInt8(ascii: "\n") { break }
            line.unicodeScalars.append(Unicode.Scalar(byte))
        }
        if line.isEmpty { return nil }
        guard line.hasPrefix("OK "), UInt32(line.dropFirst(3)) != nil else {
            throw KitError("the vsock device says '\(line)'")
        }
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes; none at the end, which a reset is too. Blocks, and throws at the timeout.
    public func read(_ count: Int = 65_536, timeout: Duration = .seconds(60)) throws -> [UInt8] {
        try wait(for: POLLIN, timeout)
        var buffer = [UInt8](repeating: 0, count: count)
        let received = Glibc.read(descriptor, &buffer, count)
        guard received >= 0 || errno == ECONNRESET else { throw KitError("reading fails with errno \(errno)") }
        return Array(buffer[..<max(0, received)])
    }

    /// Exactly `count` bytes, or as many as come before the end.
    public func readAll(_ count: Int, timeout: Duration = .seconds(60)) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try read(min(count - bytes.count, 65_536), timeout: timeout)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// Writes all of it; throws where the other end takes nothing for as long as the timeout.
    public func write(_ bytes: [UInt8], timeout: Duration = .seconds(60)) throws {
        let sent = try writeSome(bytes, timeout: timeout)
        guard sent == bytes.count else { throw KitError("only \(sent) of \(bytes.count) bytes are taken") }
    }

    /// Writes until all is written or the other end takes nothing for as long as the timeout; returns how much was.
    public func writeSome(_ bytes: [UInt8], timeout: Duration) throws -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN || errno == EINTR {
                guard (try? wait(for: POLLOUT, timeout)) != nil else { break }
            } else {
                throw KitError("writing fails with errno \(errno)")
            }
        }
        return sent
    }

    /// Ends the host's half; the guest's may still come.
    public func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    private func wait(for event: Int32, _ timeout: Duration) throws {
        var polled = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        let (seconds, attoseconds) = timeout.components
        let ready = poll(&polled, 1, Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        guard ready > 0 else { throw KitError("nothing happens on the connection within \(timeout)") }
    }
}
