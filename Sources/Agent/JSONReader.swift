/// Reads one JSON value (RFC 8259) from bytes that a stranger may have sent: bounded depth, no recursion beyond it,
/// and no more memory than a small multiple of the bytes.
public struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0

    /// The deepest nesting that is read.
    public static let deepest = 16

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value that `bytes` are, all of them.
    public static func read(_ bytes: some Sequence<UInt8>) throws(JSONFault) -> JSONValue {
        var reader = JSONReader(Array(bytes))
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.index == reader.bytes.count else { throw .trailing }
        return value
    }

    private var unexpected: JSONFault { index < bytes.count ? .unexpected(offset: index) : .cut }

    private func peek() throws(JSONFault) -> UInt8 {
        guard index < bytes.count else { throw .cut }
        return bytes[index]
    }

    private mutating func skipBlanks() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        skipBlanks()
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        for expected in "\(text)".utf8 {
            guard try peek() == expected else { throw unexpected }
            index += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONFault) -> [JSONValue.Member] {
        guard depth <= Self.deepest else { throw .tooDeep }
        index += 1
        var members: [JSONValue.Member] = []
        skipBlanks()
        if try peek() == UInt8(ascii: "}") {
            index += 1
            return members
        }
        while true {
            skipBlanks()
            guard try peek() == UInt8(ascii: "\"") else { throw unexpected }
            let name = try string()
            skipBlanks()
            guard try peek() == UInt8(ascii: ":") else { throw unexpected }
            index += 1
            members.append(.init(name, try value(depth: depth)))
            if try ends(with: UInt8(ascii: "}")) { return members }
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) -> [JSONValue] {
        guard depth <= Self.deepest else { throw .tooDeep }
        index += 1
        var values: [JSONValue] = []
        skipBlanks()
        if try peek() == UInt8(ascii: "]") {
            index += 1
            return values
        }
        while true {
            values.append(try value(depth: depth))
            if try ends(with: UInt8(ascii: "]")) { return values }
        }
    }

    /// Passes a comma, or the end of the list.
    private mutating func ends(with end: UInt8) throws(JSONFault) -> Bool {
        skipBlanks()
        let byte = try peek()
        guard byte == end || byte == UInt8(ascii: ",") else { throw unexpected }
        index += 1
        return byte == end
    }

    private mutating func number() throws(JSONFault) -> String {
        let start = index
        if try peek() == UInt8(ascii: "-") { index += 1 }
        if try peek() == UInt8(ascii: "0") { index += 1 } else { try digits() }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            let sign = try peek()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() throws(JSONFault) {
        guard (48...57).contains(try peek()) else { throw unexpected }
        while index < bytes.count, (48...57).contains(bytes[index]) { index += 1 }
    }

    private mutating func string() throws(JSONFault) -> String {
        index += 1
        var text: [UInt8] = []
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                guard let valid = String(validating: text, as: UTF8.self) else { throw .notUTF8 }
                return valid
            case UInt8(ascii: "\\"):
                index += 1
                text += Array(String(try escape()).utf8)
            case 0..<0x20: throw unexpected
            default:
                index += 1
                text.append(byte)
            }
        }
    }

    private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
        let letter = try peek()
        index += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw .unexpected(offset: index - 1)
        }
    }

    /// The digits after `\u`, and the second half of a pair of surrogates.
    private mutating func unicode() throws(JSONFault) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, try peek() == UInt8(ascii: "\\") else { throw unexpected }
        index += 1
        guard try peek() == UInt8(ascii: "u") else { throw unexpected }
        index += 1
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw .unexpected(offset: index - 1) }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch try peek() {
            case let byte where (48...57).contains(byte): digit = byte - 48
            case let byte where (65...70).contains(byte): digit = byte - 55
            case let byte where (97...102).contains(byte): digit = byte - 87
            default: throw unexpected
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
