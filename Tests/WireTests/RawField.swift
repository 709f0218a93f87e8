/// Protobuf fields put together by hand, for inputs that the codec itself would never write.
enum RawField {
    static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func tag(_ number: UInt64, _ wireType: UInt64) -> [UInt8] { varint(number << 3 | wireType) }

    static func delimited(_ number: UInt64, _ value: [UInt8]) -> [UInt8] {
        tag(number, 2) + varint(UInt64(value.count)) + value
    }

    static func number(_ number: UInt64, _ value: UInt64) -> [UInt8] { tag(number, 0) + varint(value) }

    /// Every kind of field, under numbers that no message has.
    static let unknown: [[UInt8]] = [
        number(900, .max), tag(901, 1) + [1, 2, 3, 4, 5, 6, 7, 8], delimited(902, Array("unknown".utf8)),
        delimited(903, []), tag(904, 5) + [1, 2, 3, 4], tag(905, 3) + tag(905, 4),
        tag(906, 3) + number(1, 7) + tag(907, 3) + delimited(2, [1, 2]) + tag(1, 1) + [0, 0, 0, 0, 0, 0, 0, 0]
            + tag(907, 4) + tag(3, 5) + [9, 9, 9, 9] + tag(906, 4),
        number((1 << 29) - 1, 0),
    ]

    /// The values of a message whose fields are all delimited, by number, or nil where it is none.
    static func split(_ bytes: [UInt8]) -> [(number: UInt64, value: [UInt8])]? {
        var fields: [(UInt64, [UInt8])] = []
        var position = 0
        func varint() -> UInt64? {
            var (value, shift) = (UInt64(0), UInt64(0))
            while position < bytes.count, shift < 64 {
                defer { position += 1 }
                value |= UInt64(bytes[position] & 0x7F) << shift
                if bytes[position] < 0x80 { return value }
                shift += 7
            }
            return nil
        }
        while position < bytes.count {
            guard let tag = varint(), tag & 7 == 2, let length = varint(), length <= UInt64(bytes.count - position)
            else { return nil }
            fields.append((tag >> 3, Array(bytes[position..<position + Int(length)])))
            position += Int(length)
        }
        return fields
    }
}
