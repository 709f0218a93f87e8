/// What is wrong with a line, and what would be right.
struct TOMLFault: Error {
    let message: String
    let expected: String

    init(_ message: String, expected: String) {
        self.message = message
        self.expected = expected
    }
}

/// Reads one line of a configuration file from left to right.
struct TOMLScanner {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ line: String) { scalars = Array(line.unicodeScalars) }

    /// The next character; nil at the end of the line.
    var peek: Unicode.Scalar? { scalars.indices.contains(index) ? scalars[index] : nil }

    /// Passes blanks and tabs.
    mutating func skipBlanks() {
        while peek == " " || peek == "\t" { index += 1 }
    }

    /// Passes blanks and a comment; anything else is a fault.
    mutating func end() throws(TOMLFault) {
        skipBlanks()
        guard let next = peek else { return }
        guard next == "#" else {
            throw TOMLFault(
                "unexpected \(Self.show(next)) after the value or header", expected: "the end of the line or #")
        }
        for scalar in scalars[index...] where Self.isControl(scalar) {
            throw TOMLFault("control character \(Self.show(scalar)) in a comment", expected: "text and tabs only")
        }
    }

    /// `[name]`.
    mutating func header() throws(TOMLFault) -> String {
        index += 1
        if peek == "[" { throw TOMLFault("arrays of tables are not supported", expected: "[name]") }
        skipBlanks()
        let name = try bareKey(or: "a table name of letters, digits, - and _")
        skipBlanks()
        guard peek == "]" else {
            if peek == "." { throw TOMLFault("tables in tables are not supported", expected: "[name] without a dot") }
            throw TOMLFault("the header [\(name) is not closed", expected: "]")
        }
        index += 1
        return name
    }

    /// `key =`, with the blanks after it.
    mutating func key() throws(TOMLFault) -> String {
        let key = try bareKey(or: "key = value, [table] or # comment")
        skipBlanks()
        guard peek == "=" else {
            if peek == "." { throw TOMLFault("dotted keys are not supported", expected: "key = value in a [table]") }
            throw TOMLFault("no = after \(key)", expected: "\(key) = value")
        }
        index += 1
        skipBlanks()
        return key
    }

    /// A value of one of the supported kinds.
    mutating func value() throws(TOMLFault) -> TOMLValue {
        switch peek {
        case "\"": return .string(try string())
        case "[": return .strings(try array())
        case nil, "#": throw TOMLFault("no value after =", expected: "a string, an integer, true, false or an array")
        case "'": throw TOMLFault("literal strings are not supported", expected: "a string in double quotes")
        case "{": throw TOMLFault("inline tables are not supported", expected: "a [table] of its own")
        default: return try word()
        }
    }

    private mutating func bareKey(or expected: String) throws(TOMLFault) -> String {
        let start = index
        while let next = peek, Self.isBare(next) { index += 1 }
        guard index > start else {
            if peek == "\"" || peek == "'" { throw TOMLFault("quoted keys are not supported", expected: "a bare key") }
            guard let next = peek else { throw TOMLFault("the line ends too early", expected: expected) }
            throw TOMLFault("unexpected \(Self.show(next))", expected: expected)
        }
        return text(from: start)
    }

    private func text(from start: Int) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars[start..<index])
        return text
    }

    private mutating func array() throws(TOMLFault) -> [String] {
        var strings: [String] = []
        index += 1
        while true {
            skipBlanks()
            if peek == "]" { break }
            guard peek == "\"" else {
                guard let next = peek, next != "#" else {
                    throw TOMLFault("the array is not closed on its line", expected: "]")
                }
                throw TOMLFault("unexpected \(Self.show(next)) in an array", expected: "strings in double quotes")
            }
            strings.append(try string())
            skipBlanks()
            if peek == "," { index += 1 } else if peek != "]" { break }
        }
        guard peek == "]" else {
            guard let next = peek, next != "#" else {
                throw TOMLFault("the array is not closed on its line", expected: "]")
            }
            throw TOMLFault("unexpected \(Self.show(next)) in an array", expected: ", or ]")
        }
        index += 1
        return strings
    }

    private mutating func string() throws(TOMLFault) -> String {
        if index + 2 < scalars.count, scalars[index + 1] == "\"", scalars[index + 2] == "\"" {
            throw TOMLFault("multi-line strings are not supported", expected: "a string on one line")
        }
        index += 1
        var text = ""
        while let next = peek {
            index += 1
            switch next {
            case "\"": return text
            case "\\": text.unicodeScalars.append(try escape())
            case _ where Self.isControl(next):
                throw TOMLFault("control character \(Self.show(next)) in a string", expected: "an escape such as \\n")
            default: text.unicodeScalars.append(next)
            }
        }
        throw TOMLFault("the string is not closed on its line", expected: "a closing \"")
    }

    private mutating func escape() throws(TOMLFault) -> Unicode.Scalar {
        guard let letter = peek else {
            throw TOMLFault("the string is not closed on its line", expected: "a closing \"")
        }
        index += 1
        switch letter {
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{C}"
        case "r": return "\r"
        case "\"", "\\": return letter
        case "u", "U":
            var value: UInt32 = 0
            for _ in 0..<(letter == "u" ? 4 : 8) {
                guard let digit = peek.flatMap(Self.hexadecimal) else {
                    throw TOMLFault(
                        "\\\(letter) without its digits", expected: letter == "u" ? "\\uXXXX" : "\\UXXXXXXXX")
                }
                value = value << 4 | digit
                index += 1
            }
            guard let scalar = Unicode.Scalar(value) else {
                throw TOMLFault("\\\(letter) names no character", expected: "a Unicode scalar value")
            }
            return scalar
        default:
            throw TOMLFault(
                "unknown escape \\\(Self.show(letter))",
                expected: "\\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX or \\UXXXXXXXX")
        }
    }

    /// `true`, `false` or an integer.
    private mutating func word() throws(TOMLFault) -> TOMLValue {
        let start = index
        while let next = peek, next != " ", next != "\t", next != "#" { index += 1 }
        let word = text(from: start)
        switch word {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: break
        }
        let shown = word.unicodeScalars.map(Self.show).joined()
        var digits = Substring(word)
        if digits.first == "-" || digits.first == "+" { digits.removeFirst() }
        guard let first = digits.utf8.first, (48...57).contains(first) else {
            throw TOMLFault("\(shown) is no value", expected: "a string in double quotes, an integer, true or false")
        }
        let parts = digits.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
            throw TOMLFault("\(shown) is no integer", expected: "decimal digits, or quotes around a size or duration")
        }
        guard first != 48 || digits.utf8.count == 1 else {
            throw TOMLFault("\(shown) has leading zeros", expected: "an integer without them")
        }
        guard let value = Int64((word.first == "-" ? "-" : "") + parts.joined()) else {
            throw TOMLFault("\(shown) does not fit into 64 bits", expected: "a smaller integer")
        }
        return .integer(value)
    }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
    }

    /// What TOML forbids in comments and strings; a tab is allowed.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\t") || scalar.value == 0x7F
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 48
        case "a"..."f": scalar.value - 87
        case "A"..."F": scalar.value - 55
        default: nil
        }
    }

    /// A character for messages: itself where it is visible ASCII, else its number.
    private static func show(_ scalar: Unicode.Scalar) -> String {
        if scalar.value > 0x20, scalar.value < 0x7F { return String(scalar) }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
