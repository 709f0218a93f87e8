/// The host's side of a hybrid vsock's handshake, as Firecracker's docs/vsock.md describes it and Cloud Hypervisor has
/// it too: `CONNECT <port>\n` goes out, `OK <host port>\n` comes back, and what follows is the guest's. Where nobody
/// listens the socket is closed without a word.
public struct HybridHandshake: Sendable {
    /// What has come so far means.
    public enum Outcome: Sendable, Equatable {
        /// More has to come.
        case incomplete
        /// The guest is connected; these bytes are its first.
        case connected([UInt8])
        /// This is no answer of a hybrid vsock.
        case refused(String)
    }

    /// The longest answer, in bytes.
    private static let longest = 64

    /// What is sent first.
    public let request: [UInt8]
    private var line: [UInt8] = []

    /// To a port of the guest.
    public init(port: UInt32) { request = Array("CONNECT \(port)\n".utf8) }

    /// Takes bytes that came.
    public mutating func receive(_ bytes: some Collection<UInt8>) -> Outcome {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            line += bytes.prefix(Self.longest + 1)
            return line.count > Self.longest ? refused : .incomplete
        }
        line += bytes[..<end].prefix(Self.longest + 1)
        let text = String(decoding: line, as: UTF8.self)
        guard text.hasPrefix("OK "), UInt32(text.dropFirst(3)) != nil else { return refused }
        return .connected(Array(bytes[bytes.index(after: end)...]))
    }

    private var refused: Outcome {
        let shown = String(decoding: line.prefix(Self.longest), as: UTF8.self).filter { $0.isASCII && !$0.isNewline }
        return .refused("it answers \"\(shown)\" to CONNECT, as no hybrid vsock does")
    }
}
