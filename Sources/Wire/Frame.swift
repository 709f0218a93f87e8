/// One frame of the byte stream. `ballast.proto` documents the header.
public struct Frame: Sendable, Hashable {
    /// What a frame is for.
    public enum Kind: UInt8, Sendable {
        /// A new session begins; the number to echo is the frame's session.
        case resync = 1
        /// The echo of a resync.
        case resyncEcho = 2
        /// One message of the session.
        case data = 3
    }

    /// Bytes of the header.
    public static let headerBytes = 24
    /// The longest payload in bytes.
    public static let maximumPayload = 65_536
    /// Protocol version of this codec.
    public static let version: UInt8 = 1
    /// "BLST".
    static let magic: [UInt8] = [0x42, 0x4C, 0x53, 0x54]

    /// What the frame is for.
    public var kind: Kind
    /// The session it belongs to; never 0.
    public var session: UInt64
    /// An encoded message, or nothing.
    public var payload: [UInt8]

    /// A frame of these parts.
    public init(kind: Kind, session: UInt64, payload: [UInt8] = []) {
        self.kind = kind
        self.session = session
        self.payload = payload
    }

    /// The frame's bytes; nil where the payload is longer than ``maximumPayload``.
    public func encoded() -> [UInt8]? {
        guard payload.count <= Frame.maximumPayload else { return nil }
        var bytes = Frame.magic
        bytes.reserveCapacity(Frame.headerBytes + payload.count)
        bytes += [Frame.version, kind.rawValue, 0, 0]
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: session >> UInt64(shift)))
        }
        Frame.append(UInt32(payload.count), to: &bytes)
        let checksum = CRC32C.checksum(payload, initial: CRC32C.checksum(bytes))
        Frame.append(checksum, to: &bytes)
        bytes += payload
        return bytes
    }

    private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }
}
