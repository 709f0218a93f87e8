/// The line with which a program of the host asks for a port of the guest on the hybrid vsock socket of Firecracker
/// and Cloud Hypervisor: `CONNECT 700` and a line feed. Fed byte by byte, so that nothing after the line is taken.
public struct DialLine: Sendable {
    /// What is known of the line.
    public enum Progress: Sendable, Equatable {
        /// More bytes are needed.
        case incomplete
        /// The host asks for that port.
        case port(UInt32)
        /// It is no such line.
        case wrong
    }

    private static let prefix = Array("CONNECT ".utf8)
    private var seen = 0
    private var digits = 0
    private var port: UInt64 = 0
    private var carriageReturn = false

    /// Nothing was read yet.
    public init() {}

    /// Takes the next byte. After a port or a mistake it has to be given up.
    public mutating func feed(_ byte: UInt8) -> Progress {
        if seen < Self.prefix.count {
            guard byte == Self.prefix[seen] else { return .wrong }
            seen += 1
            return .incomplete
        }
        switch byte {
        case UInt8(ascii: "\n") where digits > 0:
            return UInt32(exactly: port).map { .port($0) } ?? .wrong
        case UInt8(ascii: "\r") where digits > 0 && !carriageReturn:
            carriageReturn = true
            return .incomplete
        case UInt8(ascii: "0")...UInt8(ascii: "9") where digits < 10 && !carriageReturn:
            digits += 1
            port = port * 10 + UInt64(byte - UInt8(ascii: "0"))
            return .incomplete
        default: return .wrong
        }
    }

    /// The answer once the guest has agreed.
    public static func answer(hostPort: UInt32) -> [UInt8] { Array("OK \(hostPort)\n".utf8) }
}
