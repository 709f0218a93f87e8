import Testing
import VsockModel

@Suite("Guest memory")
struct RegionMemoryTests {
    @Test("a range goes over from one region to its neighbour, and not over a hole")
    func neighbours() {
        let ram = TestRAM((0x1000, 0x1000), (0x2000, 0x1000), (0x4000, 0x1000))
        let bytes = (0..<64).map { UInt8($0) }
        ram.put(bytes, at: 0x1FE0)
        #expect(ram.get(0x1FE0, 64) == bytes)
        #expect(ram.get(0x2FF0, 16) != nil)
        #expect(ram.get(0x2FF0, 17) == nil)
        #expect(ram.memory.contains(0x1000, byteCount: 0x2000))
        #expect(!ram.memory.contains(0x1000, byteCount: 0x2001))
        #expect(!ram.memory.contains(0xFFF, byteCount: 2))
        #expect(ram.memory.contains(0x4FFF, byteCount: 1) && ram.memory.contains(0x9000, byteCount: 0))
    }

    @Test("no address traps, and numbers are little-endian")
    func edges() {
        let ram = TestRAM((0, 0x1000), (.max - 0xFFF, 0xFFF))
        for address in [0, 0xFFE, 0xFFF, 0x1000, UInt64.max - 0x1000, .max - 8, .max - 2, .max - 1, .max] {
            _ = ram.memory.load16(address)
            _ = ram.memory.load64(address)
            _ = ram.memory.store16(1, at: address)
            _ = ram.memory.store64(1, at: address)
            for count in [0, 1, 8, 0x2000, UInt64(Int.max), .max] {
                _ = ram.memory.contains(address, byteCount: count)
            }
            _ = ram.get(address, 0x100)
        }
        #expect(ram.memory.load16(0xFFF) == nil && !ram.memory.store64(0, at: 0xFF9))
        #expect(ram.memory.store64(0x0807_0605_0403_0201, at: 0x10))
        #expect(ram.get(0x10, 8) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(ram.memory.load64(0x10) == 0x0807_0605_0403_0201 && ram.memory.load16(0x12) == 0x0403)
    }
}
