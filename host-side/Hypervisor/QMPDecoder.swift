/// Turns the bytes of a QMP connection into messages, without I/O. Whatever arrives, it neither traps nor grows beyond
/// its limits: what cannot be read is counted, dropped up to the next line end, and reported.
public struct QMPDecoder: Sendable {
    /// The bounds of one message.
    public struct Limits: Sendable, Equatable {
        /// Bytes of one message. QEMU itself accepts 64 MiB; its answers are far smaller. A message takes up to forty
        /// times its bytes in memory while it is read.
        public var messageBytes: Int
        /// How deep objects and arrays may be nested.
        public var depth: Int

        /// Limits, by default 4 MiB and 64 levels.
        public init(messageBytes: Int = 4 << 20, depth: Int = 64) {
            self.messageBytes = messageBytes
            self.depth = depth
        }
    }

    /// Why bytes were dropped.
    public enum Fault: Error, Sendable, Equatable {
        /// Bytes outside of any object, or an object that is no JSON.
        case notJSON
        /// A message longer than the limit.
        case tooLong
        /// A message nested deeper than the limit.
        case tooDeep
        /// JSON, but no message of the protocol.
        case unknownMessage
    }

    /// How many messages were decoded.
    public private(set) var messages: UInt64 = 0
    /// How many faults were met.
    public private(set) var faults: UInt64 = 0

    private let limits: Limits
    private var buffer: [UInt8] = []
    private var depth = 0
    private var inString = false
    private var escaped = false
    private var skipping = false

    /// A decoder at the start of a connection.
    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Takes bytes as they came and returns the messages they complete, in order.
    public mutating func feed(_ bytes: some Sequence<UInt8>) -> [Result<QMPMessage, Fault>] {
        var results: [Result<QMPMessage, Fault>] = []
        for byte in bytes {
            if let result = take(byte) {
                switch result {
                case .success: messages &+= 1
                case .failure: faults &+= 1
                }
                results.append(result)
            }
        }
        return results
    }

    /// The nesting is scanned byte by byte before anything is decoded, so that a deep message cannot exhaust the
    /// stack, and so that a monitor with `pretty=on`, whose messages span lines, is understood as well.
    private mutating func take(_ byte: UInt8) -> Result<QMPMessage, Fault>? {
        let newline = byte == 0x0A
        if skipping {
            skipping = !newline
            return nil
        }
        if depth == 0 {
            switch byte {
            case 0x20, 0x09, 0x0D, 0x0A: return nil
            case UInt8(ascii: "{"): break
            default: return drop(.notJSON, atLineEnd: newline)
            }
        }
        buffer.append(byte)
        if buffer.count > limits.messageBytes { return drop(.tooLong, atLineEnd: newline) }
        if inString {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                inString = false
            } else if newline {
                // A raw line end inside a string is no JSON: the rest of the message was lost.
                return drop(.notJSON, atLineEnd: true)
            }
            return nil
        }
        switch byte {
        case UInt8(ascii: "\""): inString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            if depth > limits.depth { return drop(.tooDeep, atLineEnd: false) }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth == 0 { return finish() }
        default: break
        }
        return nil
    }

    private mutating func finish() -> Result<QMPMessage, Fault> {
        let value = JSONReader.value(in: buffer, depth: limits.depth)
        reset()
        guard let value else { return .failure(.notJSON) }
        guard let message = QMPMessage(value) else { return .failure(.unknownMessage) }
        return .success(message)
    }

    private mutating func drop(_ fault: Fault, atLineEnd: Bool) -> Result<QMPMessage, Fault> {
        reset()
        skipping = !atLineEnd
        return .failure(fault)
    }

    private mutating func reset() {
        buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
        depth = 0
        inString = false
        escaped = false
    }
}
