/// A value in the fields of an event.
public enum EventValue: Sendable, Hashable {
    /// A whole number, such as bytes.
    case integer(Int64)
    /// Text.
    case string(String)
    /// A truth value.
    case bool(Bool)

    /// Bytes; more than 2⁶³ − 1 are told as that.
    public static func bytes(_ bytes: UInt64) -> EventValue {
        .integer(Int64(clamping: bytes))
    }
}

extension EventValue: CustomStringConvertible {
    /// The bare value.
    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .string(let value): value
        case .bool(let value): "\(value)"
        }
    }
}

extension EventValue: Codable {
    /// Reads a JSON string, integer or truth value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    /// Writes the bare value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        }
    }
}

extension EventValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// A whole number.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    /// A truth value.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}
