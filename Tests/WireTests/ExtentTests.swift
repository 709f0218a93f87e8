import Testing
import Wire

@Suite("Extents, nonces and rates")
struct ExtentTests {
    @Test("Extents travel as alternating numbers")
    func roundTrip() {
        let extents = [Extent(firstFrame: 0, frames: 1), Extent(firstFrame: 512, frames: 512)]
        #expect(Extent.encode(extents) == [0, 1, 512, 512])
        #expect(Extent.decode([0, 1, 512, 512]) == extents)
        #expect(Extent.decode([]) == [])
        #expect(extents[1].address == 2 << 20 && extents[1].bytes == 2 << 20)
        #expect(Extent.totalBytes(extents) == 513 * 4096 && Extent.totalBytes([]) == 0)
    }

    @Test("Odd, empty, wrapping, too high and too many numbers are refused")
    func refused() {
        let top = Extent.maximumFrame
        let bad: [[UInt64]] = [
            [1], [1, 1, 1], [1, 0], [.max, 1], [.max, .max], [1, .max], [0, 1 << 63], [1 << 63, 1 << 63],
            [top, 2], [top + 1, 1], [1, top + 1], [2, top], [5, 1, 1, 0],
        ]
        for numbers in bad { #expect(Extent.decode(numbers) == nil, "\(numbers)") }
        #expect(Extent.decode([top, 1]) == [Extent(firstFrame: top, frames: 1)])
        #expect(Extent.decode([1, top]) == [Extent(firstFrame: 1, frames: top)])
        let most = [UInt64](repeating: 1, count: Extent.maximumNumbers)
        #expect(Extent.decode(most)?.count == Extent.maximumNumbers / 2)
        #expect(Extent.decode(most + [1, 1]) == nil)
        #expect(Extent.totalBytes([Extent(firstFrame: 0, frames: 1 << 52)]) == nil)
        let half = Extent(firstFrame: 0, frames: 1 << 51)
        #expect(Extent.totalBytes([half]) == 1 << 63 && Extent.totalBytes([half, half]) == nil)
    }

    @Test("A nonce is sixteen bytes, not all zero")
    func nonce() {
        let bytes = [UInt8](1...16)
        let nonce = Nonce(bytes: bytes)
        #expect(nonce == Nonce(low: 0x0807_0605_0403_0201, high: 0x100F_0E0D_0C0B_0A09))
        #expect(nonce?.bytes == bytes)
        for count in 0..<40 where count != 16 { #expect(Nonce(bytes: [UInt8](repeating: 1, count: count)) == nil) }
        #expect(Nonce(bytes: [UInt8](repeating: 0, count: 16)) == nil)
        #expect(Nonce(bytes: [UInt8](repeating: 0, count: 15) + [1]) != nil)
        var dice = Dice(seed: 5)
        let many = (0..<1000).map { _ in Nonce.random(using: &dice) }
        #expect(Set(many).count == 1000 && many.allSatisfy { Nonce(bytes: $0.bytes) == $0 })
    }

    @Test("A bucket allows its burst, then its rate, and never more than its size")
    func bucket() {
        func taken(_ bucket: inout TokenBucket, at now: UInt64) -> Int {
            var count = 0
            while bucket.take(now: now) { count += 1 }
            return count
        }
        let second: UInt64 = 1_000_000_000
        var bucket = TokenBucket(capacity: 5, perSecond: 2)
        #expect(taken(&bucket, at: 7) == 5 && taken(&bucket, at: 7) == 0)
        #expect(taken(&bucket, at: 7 + second / 2 - 1) == 0 && taken(&bucket, at: 7 + second / 2) == 1)
        #expect(taken(&bucket, at: 7 + second * 100) == 5)
        #expect(taken(&bucket, at: .max) == 5)
        var none = TokenBucket(capacity: 0, perSecond: .max)
        #expect(!none.take(now: 0) && !none.take(now: .max))
        var widest = TokenBucket(capacity: .max, perSecond: .max)
        #expect(widest.take(now: 0) && widest.take(now: .max))
        // A clock that goes back and forth is no source of tokens.
        var swinging = TokenBucket(capacity: 10, perSecond: 1)
        #expect(taken(&swinging, at: 10 * second) == 10)
        for _ in 0..<20 { #expect(!swinging.take(now: 9 * second) && !swinging.take(now: 10 * second)) }
    }
}
