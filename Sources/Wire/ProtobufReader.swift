/// Reads protobuf fields from bytes. No input makes it trap: every length is checked against what is left.
public struct ProtobufReader {
    private let input: [UInt8]
    private var position: Int
    private var end: Int
    /// Wire type of the field that is being read.
    private var wireType: UInt8 = 0
    private var number: UInt32 = 0

    private static let maximumGroupDepth = 16

    init(_ bytes: [UInt8]) {
        input = bytes
        position = 0
        end = bytes.count
    }

    /// Reads every field up to the end into `message`.
    mutating func fields(into message: inout some WireMessage) throws(ProtobufError) {
        while position < end {
            try tag()
            if wireType == 4 { throw .badGroup }
            let (field, type) = (number, wireType)
            if try !message.decode(field, &self) { try skip(type, field, depth: 0) }
        }
    }

    private mutating func tag() throws(ProtobufError) {
        let tag = try varint()
        wireType = UInt8(tag & 7)
        guard let field = UInt32(exactly: tag >> 3), field > 0, field < 1 << 29, wireType < 6 else { throw .badTag }
        number = field
    }

    mutating func varint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<10 {
            guard position < end else { throw .truncated }
            let byte = input[position]
            position += 1
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte < 0x80 { return value }
        }
        throw .overlongNumber
    }

    private func expect(_ expected: UInt8) throws(ProtobufError) {
        guard wireType == expected else { throw .wrongWireType(field: number) }
    }

    mutating func uint64() throws(ProtobufError) -> UInt64 {
        try expect(0)
        return try varint()
    }

    mutating func uint32() throws(ProtobufError) -> UInt32 { UInt32(truncatingIfNeeded: try uint64()) }

    mutating func bool() throws(ProtobufError) -> Bool { try uint64() != 0 }

    mutating func enumeration<Value: WireEnum>() throws(ProtobufError) -> Value {
        Value(rawValue: Int32(truncatingIfNeeded: try uint64()))
    }

    /// The end of the length-delimited value that begins here.
    private mutating func delimiter() throws(ProtobufError) -> Int {
        try expect(2)
        guard let length = Int(exactly: try varint()), length <= end - position else { throw .truncated }
        return position + length
    }

    mutating func bytes() throws(ProtobufError) -> [UInt8] {
        let stop = try delimiter()
        defer { position = stop }
        return Array(input[position..<stop])
    }

    mutating func string() throws(ProtobufError) -> String {
        guard let text = String(validating: try bytes(), as: UTF8.self) else { throw .badString }
        return text
    }

    /// Merges a sub-message into `value`. The caller keeps no copy of it: one that is repeated thousands of times would
    /// copy its lists each time.
    mutating func message(into value: inout some WireMessage) throws(ProtobufError) {
        let stop = try delimiter()
        let outer = end
        end = stop
        defer { end = outer }
        try fields(into: &value)
    }

    mutating func message<Message: WireMessage>(into value: inout Message?) throws(ProtobufError) {
        var merged = value.take() ?? Message()
        try message(into: &merged)
        value = merged
    }

    mutating func message<Message: WireMessage>(appendTo values: inout [Message]) throws(ProtobufError) {
        var value = Message()
        try message(into: &value)
        values.append(value)
    }

    mutating func packed(into values: inout [UInt64]) throws(ProtobufError) {
        if wireType == 0 { return values.append(try varint()) }
        let stop = try delimiter()
        let outer = end
        end = stop
        defer { end = outer }
        while position < end { values.append(try varint()) }
    }

    mutating func packed<Value: WireEnum>(into values: inout [Value]) throws(ProtobufError) {
        var numbers: [UInt64] = []
        try packed(into: &numbers)
        values += numbers.map { Value(rawValue: Int32(truncatingIfNeeded: $0)) }
    }

    private mutating func skip(_ type: UInt8, _ field: UInt32, depth: Int) throws(ProtobufError) {
        wireType = type
        switch type {
        case 0: _ = try varint()
        case 1: try advance(8)
        case 2: position = try delimiter()
        case 5: try advance(4)
        case 3:
            guard depth < Self.maximumGroupDepth else { throw .badGroup }
            while true {
                try tag()
                if wireType == 4 {
                    guard number == field else { throw .badGroup }
                    return
                }
                try skip(wireType, number, depth: depth + 1)
            }
        default: throw .badGroup
        }
    }

    private mutating func advance(_ count: Int) throws(ProtobufError) {
        guard count <= end - position else { throw .truncated }
        position += count
    }
}
