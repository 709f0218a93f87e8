/// A JSON value (RFC 8259), for the little JSON that the agent writes and reads; it does without Foundation.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number as it is written, since not every 64-bit number survives as a floating-point one.
    case number(String)
    /// A text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in order; names are unique in what the agent writes.
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: JSONValue

        /// A member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// A whole number.
    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

    /// A text, or `null` where there is none.
    public static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

    /// The first member of that name; nil where there is none, or where this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    // MARK: Writing

    /// The value on one line, in UTF-8.
    public var compact: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, depth: nil)
        return bytes
    }

    /// The value for people, indented by two blanks, with a line end behind it.
    public var indented: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes, depth: 0)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func write(to bytes: inout [UInt8], depth: Int?) {
        switch self {
        case .null: bytes += "null".utf8
        case .boolean(let value): bytes += (value ? "true" : "false").utf8
        case .number(let text): bytes += text.utf8
        case .string(let text): Self.quote(text, &bytes)
        case .array(let values):
            Self.list("[", "]", values, &bytes, depth) { value, depth, bytes in
                value.write(to: &bytes, depth: depth)
            }
        case .object(let members):
            Self.list("{", "}", members, &bytes, depth) { member, depth, bytes in
                Self.quote(member.name, &bytes)
                bytes += (depth == nil ? ":" : ": ").utf8
                member.value.write(to: &bytes, depth: depth)
            }
        }
    }

    private static func list<Element>(
        _ open: String, _ close: String, _ elements: [Element], _ bytes: inout [UInt8], _ depth: Int?,
        _ write: (Element, Int?, inout [UInt8]) -> Void
    ) {
        bytes += open.utf8
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            indent(&bytes, depth.map { $0 + 1 })
            write(element, depth.map { $0 + 1 }, &bytes)
        }
        if !elements.isEmpty { indent(&bytes, depth) }
        bytes += close.utf8
    }

    private static func indent(_ bytes: inout [UInt8], _ depth: Int?) {
        guard let depth else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: depth * 2)
    }

    /// Escapes what JSON demands, and DEL and the C1 controls besides: a terminal may obey those.
    private static func quote(_ text: String, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes += "\\\"".utf8
            case "\\": bytes += "\\\\".utf8
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                bytes += "\\u".utf8
                bytes += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                bytes += digits.utf8
            default: bytes += Array(String(scalar).utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
