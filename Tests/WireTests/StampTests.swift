import Testing
import Wire

@Suite("Page stamps")
struct StampTests {
    private static let nonce = Nonce(low: 0x1122_3344_5566_7788, high: 0x99AA_BBCC_DDEE_FF00)
    private static let address: UInt64 = 0x1_2345_6000
    private static let chunk: UInt64 = 0xFEDC_BA98_7654_3210

    private func page() -> [UInt8] {
        var page = [UInt8](repeating: 0xA5, count: 4096)
        page.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            Stamp.write(to: base, address: Self.address, nonce: Self.nonce, chunk: Self.chunk)
        }
        return page
    }

    private func verify(
        _ bytes: [UInt8], address: UInt64 = StampTests.address, nonce: Nonce = StampTests.nonce,
        chunk: UInt64 = StampTests.chunk
    ) -> Bool {
        bytes.withUnsafeBytes { Stamp.verify($0, address: address, nonce: nonce, chunk: chunk) }
    }

    @Test("A stamp verifies, touches only its 48 bytes, and is laid out as documented")
    func layout() {
        let page = page()
        #expect(Stamp.size == 48 && verify(page) && verify(Array(page[0..<48])))
        #expect(page[48...].allSatisfy { $0 == 0xA5 })
        func little(_ value: UInt64, _ count: Int = 8) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        }
        let fields = Array("BLSTAMP1".utf8) + little(Self.address) + Self.nonce.bytes + little(Self.chunk)
        #expect(Array(page[0..<48]) == fields + little(UInt64(CRC32C.checksum(fields)), 4) + [0, 0, 0, 0])
    }

    @Test("A flip of any bit of it is seen")
    func flips() {
        var page = page()
        for bit in 0..<48 * 8 {
            page[bit / 8] ^= 1 << (bit % 8)
            #expect(!verify(page), "bit \(bit)")
            page[bit / 8] ^= 1 << (bit % 8)
        }
        #expect(verify(page))
    }

    @Test("Another address, nonce or chunk is refused, and so are pages without a stamp")
    func others() {
        let page = page()
        for bit in 0..<64 {
            let mask: UInt64 = 1 << UInt64(bit)
            #expect(!verify(page, address: Self.address ^ mask))
            #expect(!verify(page, chunk: Self.chunk ^ mask))
            #expect(!verify(page, nonce: Nonce(low: Self.nonce.low ^ mask, high: Self.nonce.high)))
            #expect(!verify(page, nonce: Nonce(low: Self.nonce.low, high: Self.nonce.high ^ mask)))
        }
        #expect(!verify(page, nonce: Nonce(low: Self.nonce.high, high: Self.nonce.low)))
        for count in 0..<48 { #expect(!verify(Array(page[0..<count]))) }
        #expect(!verify([UInt8](repeating: 0, count: 4096)))
        #expect(!verify([UInt8](repeating: 0, count: 4096), address: 0, nonce: Nonce(low: 0, high: 0), chunk: 0))
        #expect(!verify(Array(page[1...]) + [0]))
    }

    @Test("The stamps of a chunk have the checksum of their forty bytes, whatever the address")
    func series() {
        var dice = Dice(seed: 4)
        for _ in 0..<500 {
            let (address, chunk) = (dice.next() >> UInt64.random(in: 0...63, using: &dice), dice.next())
            let series = StampSeries(nonce: Nonce(low: dice.next(), high: dice.next()), chunk: chunk)
            var page = [UInt8](repeating: 0, count: 48)
            page.withUnsafeMutableBytes { bytes in
                if let base = bytes.baseAddress { series.write(to: base, address: address) }
            }
            let sum = CRC32C.checksum(page[0..<40])
            #expect(Array(page[40..<44]) == (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) })
            #expect(page.withUnsafeBytes { series.verify($0, address: address) })
            #expect(!page.withUnsafeBytes { series.verify($0, address: address ^ 4096) })
        }
    }
}
