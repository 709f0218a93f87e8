/// A repeatable source of chance.
struct CorpusChance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Documents near the border of the accepted subset of TOML: half of them well-formed, half of them damaged.
struct ConfigurationCorpus {
    private var chance: CorpusChance

    init(seed: UInt64) { chance = CorpusChance(state: seed) }

    /// One document.
    mutating func document() -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 0...8, using: &chance) {
            text += blanks() + line() + blanks() + pick(["", "", "# é \t \"x", "#"]) + pick(["\n", "\n", "\r\n"])
        }
        if Bool.random(using: &chance), text.utf8.last == UInt8(ascii: "\n"), text.unicodeScalars.count > 2 {
            text = String(String.UnicodeScalarView(text.unicodeScalars.dropLast()))
        }
        var bytes = Array(text.utf8)
        guard Bool.random(using: &chance) else { return bytes }
        for _ in 0..<Int.random(in: 1...3, using: &chance) {
            let place = Int.random(in: 0...bytes.count, using: &chance)
            switch Int.random(in: 0..<3, using: &chance) {
            case 0: bytes.insert(damage(), at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            default: if place < bytes.count { bytes[place] = damage() }
            }
        }
        return bytes
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &chance)]
    }

    private mutating func damage() -> UInt8 {
        pick(Array("\"'\\[]{}=#.,_-+01eExuU \t\r\n\u{1}\u{7F}a".utf8) + [0, 0xC3, 0xA9, 0xFF, 0xEF])
    }

    private mutating func blanks() -> String { pick(["", "", " ", "\t", "  "]) }

    private mutating func name() -> String {
        pick(["a", "b", "c-d", "e_f", "1", "-", "_", "G", "agent", "x9", "true"])
    }

    private mutating func line() -> String {
        switch Int.random(in: 0..<6, using: &chance) {
        case 0: return ""
        case 1: return "[" + blanks() + name() + blanks() + "]"
        default: return name() + blanks() + "=" + blanks() + value()
        }
    }

    private mutating func value() -> String {
        switch Int.random(in: 0..<5, using: &chance) {
        case 0: return pick(["true", "false"])
        case 1:
            return pick([
                "0", "+0", "-0", "1", "-17", "1_000", "+99", "9223372036854775807", "-9223372036854775808", "1_2_3",
            ])
        case 2:
            let items = (0..<Int.random(in: 0...3, using: &chance)).map { _ in string() }
            let comma = items.isEmpty ? "" : pick(["", ","])
            return "[" + blanks() + items.joined(separator: blanks() + "," + blanks()) + comma + blanks() + "]"
        default: return string()
        }
    }

    private mutating func string() -> String {
        var text = "\""
        for _ in 0..<Int.random(in: 0...4, using: &chance) {
            text += pick([
                "a", "\\n", "\\\"", "\\\\", "\\t", "\\u00e9", "\\U0001F600", "é", "#", "'", " ", "\t", "😀", "\\b",
                "\\f", "\\r", "\\u0000", "]", "\\uFFFF", "e\u{301}", "\u{2028}", "\u{85}", "\u{FEFF}",
            ])
        }
        return text + "\""
    }
}
