/// The bytes of one run, read as choices. Past their end every choice is 0, so that any input is a whole run.
struct FuzzInput {
    private var rest: ArraySlice<UInt8>

    /// The input as libFuzzer hands it over.
    init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        rest = Array(UnsafeBufferPointer(start: start, count: count))[...]
    }

    /// Whether nothing is left.
    var isEmpty: Bool { rest.isEmpty }

    /// One byte.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// Up to 255 bytes, their count first.
    mutating func bytes() -> [UInt8] {
        let count = Int(byte())
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Whatever is left.
    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    /// A small number in one byte below 0xC0, a power of two in one byte, any number in 0xFF and eight bytes.
    mutating func number() -> UInt64 {
        switch byte() {
        case let small where small < 0xC0: return UInt64(small)
        case 0xFF: return (0..<8).reduce(0) { value, _ in value << 8 | UInt64(byte()) }
        case let shift: return 1 << UInt64(shift - 0xC0)
        }
    }

    /// Moves a clock: mostly forwards by milliseconds or seconds, at times to anywhere.
    mutating func move(_ now: inout UInt64) {
        switch byte() {
        case 0xFF: now = number()
        case let ticks where ticks < 0x80: now &+= UInt64(ticks) * 1_000_000
        case let ticks: now &+= UInt64(ticks - 0x80) * 250_000_000
        }
    }
}

/// Ends the process with a finding where a promise of the code under test is broken.
func require(_ holds: Bool, _ promise: @autoclosure () -> String) {
    if !holds { fatalError("broken promise: \(promise())") }
}
