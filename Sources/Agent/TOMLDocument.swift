/// A configuration file: a strict subset of TOML 1.0. Comments, `[table]` headers of one level, `key = value` with bare
/// keys, basic strings, decimal integers, booleans and arrays of strings on one line. Every document that is accepted
/// is valid TOML and means the same there.
struct TOMLDocument: Equatable, Sendable {
    /// The entries before the first header come first, in a table without a name.
    private(set) var tables: [TOMLTable] = [TOMLTable(name: "", line: 0)]

    /// Parses a document. `file` is named in errors.
    init(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        var number = 0
        var rest = bytes[...]
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            var line = rest[..<end]
            let isTerminated = end < rest.endIndex
            rest = isTerminated ? rest[(end + 1)...] : []
            if isTerminated, line.last == UInt8(ascii: "\r") { line.removeLast() }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw ConfigurationError(
                    .syntax, file: file, line: number, "the line is not valid UTF-8", expected: "UTF-8 text")
            }
            do {
                try take(text, line: number)
            } catch {
                throw ConfigurationError(
                    .syntax, file: file, line: number, error.message, expected: error.expected)
            }
        }
    }

    private mutating func take(_ text: String, line: Int) throws(TOMLFault) {
        var scanner = TOMLScanner(text)
        scanner.skipBlanks()
        switch scanner.peek {
        case nil: return
        case "#": break
        case "[":
            let name = try scanner.header()
            if let other = tables.first(where: { !$0.name.isEmpty && $0.name == name }) {
                throw TOMLFault(
                    "the table [\(name)] was opened on line \(other.line) already", expected: "one [\(name)]")
            }
            if let other = tables[0].entries.first(where: { $0.key == name }) {
                throw TOMLFault(
                    "the name \(name) is a key on line \(other.line) already", expected: "another name for the table")
            }
            tables.append(TOMLTable(name: name, line: line))
        default:
            let key = try scanner.key()
            let value = try scanner.value()
            if let other = tables[tables.count - 1].entries.first(where: { $0.key == key }) {
                throw TOMLFault("\(key) was set on line \(other.line) already", expected: "each key once")
            }
            tables[tables.count - 1].entries.append(TOMLEntry(key: key, value: value, line: line))
        }
        try scanner.end()
    }
}
