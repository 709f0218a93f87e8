/// The 128 random bits that a controller chooses for each session; never all zero in a session that may discard.
public struct Nonce: Sendable, Hashable {
    /// Bytes 0 ... 7, little-endian.
    public let low: UInt64
    /// Bytes 8 ... 15, little-endian.
    public let high: UInt64

    /// A nonce of two halves.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The nonce in 16 bytes as they travel; nil for any other count and for the all-zero nonce.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        func half(_ range: Range<Int>) -> UInt64 {
            bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        low = half(0..<8)
        high = half(8..<16)
        if low == 0 && high == 0 { return nil }
    }

    /// A fresh nonce from `generator`.
    public static func random(using generator: inout some RandomNumberGenerator) -> Nonce {
        Nonce(low: generator.next() | 1, high: generator.next())
    }

    /// The 16 bytes as they travel.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for half in [low, high] {
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: half >> UInt64(shift)))
            }
        }
        return bytes
    }
}
