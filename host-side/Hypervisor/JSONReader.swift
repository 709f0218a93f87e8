/// Reads one JSON text (RFC 8259) in one pass. A decoder that tries each type in turn takes microseconds for every byte
/// of a hostile message, and the event loop that waits for it serves other virtual machines as well.
struct JSONReader {
    private struct Malformed: Error {}

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value in `bytes`, or nil where they are no JSON, or nested deeper than `depth`. Of repeated keys the first
    /// one stands.
    static func value(in bytes: [UInt8], depth: Int) -> JSONValue? {
        var reader = Self(bytes)
        guard let value = try? reader.value(depth), reader.next == nil else { return nil }
        return value
    }

    /// The next byte that is no blank; nil at the end.
    private var next: UInt8? {
        mutating get {
            while position < bytes.count {
                switch bytes[position] {
                case 0x20, 0x09, 0x0A, 0x0D: position += 1
                default: return bytes[position]
                }
            }
            return nil
        }
    }

    /// The byte at the reader's place, blank or not; 0 at the end, where no text goes on.
    private var here: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func value(_ depth: Int) throws(Malformed) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        for letter in "\(word)".utf8 {
            guard here == letter else { throw Malformed() }
            position += 1
        }
        return value
    }

    /// Goes past `byte`, blanks before it too.
    private mutating func take(_ byte: Character) throws(Malformed) {
        guard let next, next == byte.asciiValue else { throw Malformed() }
        position += 1
    }

    private mutating func object(_ depth: Int) throws(Malformed) -> JSONValue {
        guard depth > 0 else { throw Malformed() }
        try take("{")
        var members: [String: JSONValue] = [:]
        while next != UInt8(ascii: "}") {
            if !members.isEmpty { try take(",") }
            guard next == UInt8(ascii: "\"") else { throw Malformed() }
            let key = try string()
            try take(":")
            let value = try value(depth - 1)
            if members[key] == nil { members[key] = value }
        }
        try take("}")
        return .object(members)
    }

    private mutating func array(_ depth: Int) throws(Malformed) -> JSONValue {
        guard depth > 0 else { throw Malformed() }
        try take("[")
        var values: [JSONValue] = []
        while next != UInt8(ascii: "]") {
            if !values.isEmpty { try take(",") }
            values.append(try value(depth - 1))
        }
        try take("]")
        return .array(values)
    }

    private mutating func string() throws(Malformed) -> String {
        position += 1
        var text: [UInt8] = []
        var begin = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                text += bytes[begin..<position]
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw Malformed() }
                return string
            case UInt8(ascii: "\\"):
                text += bytes[begin..<position]
                position += 1
                text += try escaped()
                begin = position
            case 0..<0x20: throw Malformed()
            default: position += 1
            }
        }
        throw Malformed()
    }

    private mutating func escaped() throws(Malformed) -> [UInt8] {
        defer { position += 1 }
        switch here {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [here]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicode()
        default: throw Malformed()
        }
    }

    /// `uXXXX`, or a pair of surrogates; ends on its last digit.
    private mutating func unicode() throws(Malformed) -> [UInt8] {
        var code = try hexadecimal()
        if code & 0xFC00 == 0xD800 {
            position += 1
            guard here == UInt8(ascii: "\\") else { throw Malformed() }
            position += 1
            guard here == UInt8(ascii: "u") else { throw Malformed() }
            let low = try hexadecimal()
            guard low & 0xFC00 == 0xDC00 else { throw Malformed() }
            code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
        }
        guard let scalar = Unicode.Scalar(code) else { throw Malformed() }
        return Array(UTF8.encode(scalar).map { Array($0) } ?? [])
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            guard let digit = Character(Unicode.Scalar(here)).hexDigitValue else { throw Malformed() }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func number() throws(Malformed) -> JSONValue {
        let begin = position
        if here == UInt8(ascii: "-") { position += 1 }
        let first = here
        let count = digits()
        guard count > 0, count == 1 || first != UInt8(ascii: "0") else { throw Malformed() }
        var whole = true
        if here == UInt8(ascii: ".") {
            whole = false
            position += 1
            guard digits() > 0 else { throw Malformed() }
        }
        if here | 0x20 == UInt8(ascii: "e") {
            whole = false
            position += 1
            if here == UInt8(ascii: "+") || here == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw Malformed() }
        }
        let text = String(decoding: bytes[begin..<position], as: UTF8.self)
        if whole {
            if let value = Int64(text) { return .int(value) }
            if let value = UInt64(text) { return .uint(value) }
        }
        guard let value = Double(text), value.isFinite else { throw Malformed() }
        // 1.0 and 1e5 are whole numbers too. From 2^53 on a double is always whole, whatever was written.
        if abs(value) < 0x1p53, let integer = Int64(exactly: value) { return .int(integer) }
        return .double(value)
    }

    /// Goes past digits and returns how many there were.
    private mutating func digits() -> Int {
        let begin = position
        while (0x30...0x39).contains(here) { position += 1 }
        return position - begin
    }
}
