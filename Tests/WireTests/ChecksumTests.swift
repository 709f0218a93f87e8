import Testing
import Wire

@Suite("CRC-32C")
struct ChecksumTests {
    @Test("The vectors of RFC 3720 appendix B.4")
    func vectors() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum([UInt8](0..<32)) == 0x46DD_794E)
        #expect(CRC32C.checksum([UInt8]((0..<32).reversed())) == 0x113F_DB5C)
        let read: [UInt8] =
            [0x01, 0xC0, 0, 0] + [UInt8](repeating: 0, count: 12) + [0x14, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0x14]
            + [0, 0, 0, 0x18, 0x28] + [UInt8](repeating: 0, count: 7) + [2] + [UInt8](repeating: 0, count: 7)
        #expect(read.count == 48)
        #expect(CRC32C.checksum(read) == 0xD996_3A56)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8]()) == 0)
    }

    /// One bit at a time, straight from the polynomial.
    private func plain(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
        }
        return ~crc
    }

    @Test("Every length, alignment and split agrees with the bitwise definition")
    func agrees() {
        var dice = Dice(seed: 2)
        let bytes = (0..<80).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
        for start in 0..<9 {
            for end in start...bytes.count {
                let expected = plain(bytes[start..<end])
                #expect(CRC32C.checksum(bytes[start..<end]) == expected)
                #expect(CRC32C.checksum(AnySequence(bytes[start..<end])) == expected)
                let middle = dice.roll(start..<end + 1)
                let first = CRC32C.checksum(bytes[start..<middle])
                #expect(CRC32C.checksum(bytes[middle..<end], initial: first) == expected)
            }
        }
    }
}
