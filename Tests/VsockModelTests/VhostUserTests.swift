import Testing
import VsockModel

@Suite("vhost-user messages")
struct VhostUserTests {
    private func bytes(_ words: UInt64...) -> [UInt8] {
        words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    @Test("a header tells request, size, and whether a reply is wanted")
    func header() throws {
        let wire: [UInt8] = [5, 0, 0, 0, 9, 0, 0, 0, 40, 0, 0, 0]
        let header = try #require(VhostUserHeader(bytes: wire))
        #expect(header.request == VhostUserRequest.setMemoryTable.rawValue)
        #expect(header.size == 40 && header.wantsReply)
        #expect(header.reply(7) == [5, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0] + bytes(7))
    }

    @Test("another version, too long a payload, and half a header are refused")
    func wrongHeaders() {
        for wire: [UInt8] in [
            [5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [5, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0],
            [5, 0, 0, 0, 1, 0, 0, 0, 1, 16, 0, 0], [5, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
            [5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        ] {
            #expect(VhostUserHeader(bytes: wire) == nil)
        }
    }

    @Test("a memory table translates the VMM's addresses into the guest's")
    func table() throws {
        let payload =
            bytes(2) + bytes(0, 0x8000_0000, 0x7F00_0000_0000, 0)
            + bytes(0x1_0000_0000, 0x4000_0000, 0x7F00_8000_0000, 0x8000_0000)
        let table = try #require(MemoryTable(bytes: payload))
        #expect(table.regions.count == 2)
        #expect(table.regions[1].fileOffset == 0x8000_0000)
        #expect(table.guestAddress(ofUser: 0x7F00_0000_0010) == 0x10)
        #expect(table.guestAddress(ofUser: 0x7F00_8000_0000) == 0x1_0000_0000)
        #expect(table.guestAddress(ofUser: 0x7F00_BFFF_FFFF) == 0x1_3FFF_FFFF)
        #expect(table.guestAddress(ofUser: 0x7F00_C000_0000) == nil)
        #expect(table.guestAddress(ofUser: 0) == nil && table.guestAddress(ofUser: .max) == nil)
    }

    @Test("tables that are short, empty inside, wrap around or overlap are refused")
    func wrongTables() {
        let region = bytes(0, 0x1000, 0, 0)
        for payload in [
            [], bytes(1), bytes(1) + region.dropLast(), bytes(2) + region, bytes(9) + (0..<9).flatMap { _ in region },
            bytes(1) + bytes(0, 0, 0, 0), bytes(1) + bytes(.max, 2, 0, 0), bytes(1) + bytes(0, 2, .max, 0),
            bytes(1) + bytes(0, 2, 0, .max), bytes(2) + region + bytes(0xFFF, 1, 0x10000, 0),
            bytes(UInt64(UInt32.max)) + region,
        ] {
            #expect(MemoryTable(bytes: payload) == nil)
        }
        #expect(MemoryTable(bytes: bytes(0))?.regions.isEmpty == true)
    }

    @Test("rings' states, addresses and descriptors are read, and short ones refused")
    func rings() throws {
        let state: [UInt8] = [1, 0, 0, 0, 128, 0, 0, 0]
        #expect(RingState(bytes: state) == RingState(index: 1, number: 128))
        #expect(RingState(index: 1, number: 128).encoded == state)
        #expect(RingState(bytes: state.dropLast()) == nil)
        let place = bytes(1, 0x1000, 0x2000, 0x3000, 0)
        let address = try #require(RingAddress(bytes: place))
        #expect(address.index == 1 && address.descriptors == 0x1000)
        #expect(address.used == 0x2000 && address.available == 0x3000)
        #expect(RingAddress(bytes: place.dropLast()) == nil)
        #expect(RingDescriptor(bytes: bytes(1))?.hasDescriptor == true)
        #expect(RingDescriptor(bytes: bytes(0x101))?.hasDescriptor == false)
        #expect(RingDescriptor(bytes: bytes(0x101))?.index == 1)
        #expect(RingDescriptor(bytes: state.dropLast()) == nil)
    }
}
