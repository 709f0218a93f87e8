/// Numbers that look random and are the same in each run.
struct Dice {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func roll(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % max(bound, 1)
    }

    /// The text with a few bytes changed, doubled or left out.
    mutating func mutated(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0...roll(12) where !bytes.isEmpty {
            let place = Int(roll(UInt64(bytes.count)))
            switch roll(4) {
            case 0: bytes[place] = UInt8(roll(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            default: bytes.insert(contentsOf: Array("99999999999".utf8), at: place)
            }
        }
        return bytes
    }
}
