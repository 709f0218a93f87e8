/// The header of a vhost-user message: 12 bytes, little-endian (QEMU docs/interop/vhost-user.rst).
public struct VhostUserHeader: Sendable, Equatable {
    /// Bytes of a header.
    public static let byteCount = 12
    /// Bytes that may follow it; the largest message that QEMU sends here is a memory table.
    public static let longestPayload: UInt32 = 4096

    /// The request's number; not always a `VhostUserRequest`.
    public var request: UInt32
    /// Version in bits 0 and 1, bit 2 marks a reply, bit 3 asks for one.
    public var flags: UInt32
    /// Bytes that follow.
    public var size: UInt32

    /// Reads a header; nil where there are fewer than 12 bytes, the version is not 1, or too much follows.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.byteCount else { return nil }
        request = bytes.littleEndian(at: 0)
        flags = bytes.littleEndian(at: 4)
        size = bytes.littleEndian(at: 8)
        guard flags & 3 == 1, size <= Self.longestPayload else { return nil }
    }

    /// Whether the VMM waits for a reply even where the request has none of its own.
    public var wantsReply: Bool { flags & 8 != 0 }

    /// A whole reply to this request.
    public func reply(_ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: request)
        bytes.append(littleEndian: UInt32(5))
        bytes.append(littleEndian: UInt32(clamping: payload.count))
        return bytes + payload
    }

    /// A reply of one number.
    public func reply(_ number: UInt64) -> [UInt8] {
        var payload: [UInt8] = []
        payload.append(littleEndian: number)
        return reply(payload)
    }
}
