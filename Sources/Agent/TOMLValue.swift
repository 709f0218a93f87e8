/// A value of a configuration file.
enum TOMLValue: Equatable, Sendable {
    case string(String)
    case integer(Int64)
    case boolean(Bool)
    case strings([String])

    /// What it is, with its article, for messages.
    var kind: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .boolean: "a boolean"
        case .strings: "an array"
        }
    }
}

/// One line `key = value`.
struct TOMLEntry: Equatable, Sendable {
    let key: String
    let value: TOMLValue
    /// Counted from 1.
    let line: Int
}

/// One table and its entries.
struct TOMLTable: Equatable, Sendable {
    /// Empty for the entries before the first header.
    let name: String
    /// The header's line, counted from 1; 0 for the entries before the first header.
    let line: Int
    var entries: [TOMLEntry] = []
}
