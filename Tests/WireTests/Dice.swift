/// Deterministic random values (SplitMix64) with a taste for the edges.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in `range`.
    mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[roll(0..<elements.count)] }

    mutating func flag() -> Bool { next() & 1 == 1 }

    mutating func number64() -> UInt64 {
        let edges: [UInt64] = [
            0, 0, 1, 127, 128, 1 << 14, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, .max - 1, .max,
        ]
        return flag() ? one(of: edges) : next() >> UInt64(roll(0..<64))
    }

    mutating func number32() -> UInt32 {
        flag() ? one(of: [0, 1, 127, 128, 1 << 31, .max]) : UInt32(truncatingIfNeeded: next() >> UInt64(roll(32..<64)))
    }

    /// Known, unknown and negative numbers of an enumeration.
    mutating func enumNumber() -> Int32 {
        flag() ? Int32(roll(0..<27)) : one(of: [-1, .min, .max, 40, 1000])
    }

    mutating func bytes(_ longest: Int = 40) -> [UInt8] {
        (0..<roll(0..<longest + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func text() -> String {
        switch roll(0..<40) {
        case 0: return String(repeating: "long\u{301} ", count: 3000)
        case 1..<10: return ""
        case 10..<16:
            return one(of: ["\"quoted\" \\ 'and' \n\t\r", "naïve 日本語 🎈", "\u{0}\u{7F}\u{10FFFF}", "?", "\\n"])
        default:
            let letters = Array("abc XYZ09-_\"'\\é漢🜁\u{1}".unicodeScalars)
            var text = ""
            for _ in 0..<roll(0..<20) { text.unicodeScalars.append(one(of: letters)) }
            return text
        }
    }

    mutating func numbers() -> [UInt64] {
        switch roll(0..<100) {
        case 0: return (0..<8192).map { _ in next() >> UInt64(roll(0..<64)) }
        case 1..<30: return []
        default: return (0..<roll(0..<12)).map { _ in number64() }
        }
    }

    mutating func some<Element>(_ upTo: Int, _ make: (inout Dice) -> Element) -> [Element] {
        (0..<roll(0..<upTo + 1)).map { _ in make(&self) }
    }

    mutating func perhaps<Element>(_ make: (inout Dice) -> Element) -> Element? { flag() ? make(&self) : nil }
}
