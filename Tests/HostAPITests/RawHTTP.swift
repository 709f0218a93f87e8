import Linux
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Sockets without a client or a server behind them.
enum RawHTTP {
    /// A listening socket that never accepts; close it.
    static func listen(_ path: String) throws -> Int32 {
        try UnixSocket.listen(at: FilePath(path)).release().rawValue
    }

    /// Sends a text and reads until the answer's end stands.
    static func ask(_ path: String, _ text: String) throws -> String {
        let socket = try UnixSocket.connect(to: FilePath(path))
        var rest = Array(text.utf8)[...]
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if !rest.isEmpty {
                let outcome = try rest.withUnsafeBytes { try ByteChannel.send(socket.descriptor, from: $0) }
                if case .bytes(let count) = outcome { rest = rest.dropFirst(count) }
                if outcome == .closed { rest = [] }
            }
            var entry = pollfd(fd: socket.rawValue, events: Int16(rest.isEmpty ? POLLIN : POLLIN | POLLOUT), revents: 0)
            guard poll(&entry, 1, 5000) > 0 else { break }
            switch try buffer.withUnsafeMutableBytes({ try ByteChannel.receive(socket.descriptor, into: $0) }) {
            case .bytes(let count):
                answer += buffer[..<count]
                // The bodies of this API end with a line feed after a brace.
                if answer.suffix(2) == [UInt8(ascii: "}"), 10] { return String(decoding: answer, as: UTF8.self) }
            case .closed: return String(decoding: answer, as: UTF8.self)
            case .wouldBlock: break
            }
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
