import Testing
import VsockModel

@Suite("Packet headers")
struct PacketHeaderTests {
    @Test("a header has its 44 bytes in the order of the specification")
    func layout() {
        let header = PacketHeader(
            sourceCID: 0x0102_0304_0506_0708, destinationCID: 2, sourcePort: 0x1122_3344, destinationPort: 700,
            length: 5, operation: .data, flags: 6, bufferBytes: 0x40000, forwardedBytes: 0xAABB_CCDD)
        let expected: [UInt8] =
            [8, 7, 6, 5, 4, 3, 2, 1] + [2, 0, 0, 0, 0, 0, 0, 0] + [0x44, 0x33, 0x22, 0x11] + [0xBC, 2, 0, 0]
            + [5, 0, 0, 0] + [1, 0] + [5, 0] + [6, 0, 0, 0] + [0, 0, 4, 0] + [0xDD, 0xCC, 0xBB, 0xAA]
        #expect(header.encoded == expected)
        #expect(PacketHeader(bytes: expected) == header)
    }

    @Test("any 44 bytes are a header and come out as they went in; fewer are none")
    func roundTrip() {
        var dice = Dice(seed: 1)
        for _ in 0..<200 {
            let bytes = dice.bytes(PacketHeader.byteCount)
            #expect(PacketHeader(bytes: bytes)?.encoded == bytes)
        }
        for count in 0..<PacketHeader.byteCount {
            let bytes = dice.bytes(count)
            #expect(PacketHeader(bytes: bytes) == nil)
        }
    }
}
