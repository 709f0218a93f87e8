/// The header of a packet between guest and host: 44 bytes, little-endian (virtio 1.2, 5.10.6).
public struct PacketHeader: Sendable, Equatable {
    /// Bytes of a header.
    public static let byteCount = 44
    /// The host's address on every guest's vsock.
    public static let hostCID: UInt64 = 2
    /// The only kind of socket that this device carries: a stream.
    public static let streamType: UInt16 = 1

    /// What a packet is for; its raw value is the number on the wire.
    public enum Operation: UInt16, Sendable, CaseIterable {
        /// Opens a connection.
        case request = 1
        /// Agrees to one.
        case response = 2
        /// Ends or refuses a connection at once.
        case reset = 3
        /// The sender will not send, or not receive, any more; see `ShutdownFlags`.
        case shutdown = 4
        /// Carries bytes.
        case data = 5
        /// Tells how much was taken, and nothing else.
        case creditUpdate = 6
        /// Asks for such an update.
        case creditRequest = 7
    }

    /// Address of the sender.
    public var sourceCID: UInt64
    /// Address of the receiver.
    public var destinationCID: UInt64
    /// Port of the sender.
    public var sourcePort: UInt32
    /// Port of the receiver.
    public var destinationPort: UInt32
    /// Bytes that follow the header.
    public var length: UInt32
    /// Kind of socket.
    public var type: UInt16
    /// The operation's number; whatever the guest says, so not always an `Operation`.
    public var operation: UInt16
    /// Flags of the operation.
    public var flags: UInt32
    /// Bytes of buffer that the sender has for this connection.
    public var bufferBytes: UInt32
    /// Bytes that the sender has taken out of that buffer since the connection began, modulo 2^32.
    public var forwardedBytes: UInt32

    /// A header of the given fields.
    public init(
        sourceCID: UInt64, destinationCID: UInt64, sourcePort: UInt32, destinationPort: UInt32, length: UInt32 = 0,
        type: UInt16 = Self.streamType, operation: Operation, flags: UInt32 = 0, bufferBytes: UInt32 = 0,
        forwardedBytes: UInt32 = 0
    ) {
        self.sourceCID = sourceCID
        self.destinationCID = destinationCID
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.length = length
        self.type = type
        self.operation = operation.rawValue
        self.flags = flags
        self.bufferBytes = bufferBytes
        self.forwardedBytes = forwardedBytes
    }

    /// Reads a header from the first 44 bytes; nil where there are fewer.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.byteCount else { return nil }
        sourceCID = bytes.littleEndian(at: 0)
        destinationCID = bytes.littleEndian(at: 8)
        sourcePort = bytes.littleEndian(at: 16)
        destinationPort = bytes.littleEndian(at: 20)
        length = bytes.littleEndian(at: 24)
        type = bytes.littleEndian(at: 28)
        operation = bytes.littleEndian(at: 30)
        flags = bytes.littleEndian(at: 32)
        bufferBytes = bytes.littleEndian(at: 36)
        forwardedBytes = bytes.littleEndian(at: 40)
    }

    /// Its 44 bytes.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.append(littleEndian: sourceCID)
        bytes.append(littleEndian: destinationCID)
        bytes.append(littleEndian: sourcePort)
        bytes.append(littleEndian: destinationPort)
        bytes.append(littleEndian: length)
        bytes.append(littleEndian: type)
        bytes.append(littleEndian: operation)
        bytes.append(littleEndian: flags)
        bytes.append(littleEndian: bufferBytes)
        bytes.append(littleEndian: forwardedBytes)
        return bytes
    }
}
