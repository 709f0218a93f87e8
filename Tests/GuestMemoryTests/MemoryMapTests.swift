import Testing
import Wire

@testable import GuestMemory

@Suite("Memory map")
struct MemoryMapTests {
    static let file = FileKey(device: 1, inode: 2)
    static let other = FileKey(device: 1, inode: 3)
    static let mebibyte: UInt64 = 1 << 20

    static func region(
        _ address: UInt64, _ length: UInt64, _ offset: UInt64, file: FileKey = file, page: UInt64 = 4096
    ) -> MemoryRegion {
        MemoryRegion(guestAddress: address, length: length, file: file, fileOffset: offset, pageBytes: page)
    }

    /// RAM with the hole of a PC below 1 MiB, RAM to 3 GiB in two backends, and the rest above 4 GiB.
    static func machine() throws -> MemoryMap {
        try MemoryMap(regions: [
            region(4 << 30, 1 << 30, 3 << 30),
            region(0, 0xA0000, 0),
            region(mebibyte, (3 << 30) - mebibyte, mebibyte),
            region(5 << 30, 1 << 30, 0, file: other),
        ])
    }

    @Test("Regions are sorted, summed and told apart by a fingerprint")
    func shape() throws {
        let map = try Self.machine()
        #expect(map.regions.map(\.guestAddress) == [0, 1 << 20, 4 << 30, 5 << 30])
        #expect(map.totalBytes == 0xA0000 + (5 << 30) - Self.mebibyte)
        #expect(map.files == [Self.file, Self.other])
        #expect(try Self.machine().fingerprint == map.fingerprint)
        for change in 0..<6 {
            var regions = map.regions
            switch change {
            case 0: regions[3].guestAddress += 4096
            case 1: regions[3].length -= 4096
            case 2: regions[3].fileOffset += 4096
            case 3: regions[3].file.inode += 1
            case 4: regions[3].file.device += 1
            default: regions[3].pageBytes = 1 << 21
            }
            #expect(try MemoryMap(regions: regions).fingerprint != map.fingerprint)
        }
    }

    @Test(
        "A map that could reach one byte twice, or none, is refused",
        arguments: [
            ([], MemoryMapError.Code.empty),
            ([region(0, 0, 0)], .emptyRegion),
            ([region(100, 4096, 0)], .unaligned),
            ([region(0, 4097, 0)], .unaligned),
            ([region(0, 4096, 1)], .unaligned),
            ([region(0, 4096, 0, page: 12288)], .unaligned),
            ([region(0, 4096, 0, page: 0)], .unaligned),
            ([region(0 &- 4096, 8192, 0)], .wraps),
            ([region(0 &- 4096, 4096, 0)], .wraps),
            ([region(0, 4096, 1 << 63)], .wraps),
            ([region(0, 8192, (1 << 63) - 4096)], .wraps),
            ([region(0, 8192, 0), region(4096, 4096, 8192)], .overlapsInGuest),
            ([region(0, 8192, 0), region(8192, 4096, 4096)], .overlapsInFile),
            (Array(repeating: region(0, 4096, 0), count: 4097), .tooMany),
        ])
    func invalid(regions: [MemoryRegion], code: MemoryMapError.Code) {
        let error = #expect(throws: MemoryMapError.self) { try MemoryMap(regions: regions) }
        #expect(error?.code == code)
        #expect(error?.description.isEmpty == false)
    }

    @Test("Addresses translate to file offsets, across neighbouring regions and never across a gap")
    func translation() throws {
        let map = try Self.machine()
        #expect(
            try map.translate(Extent(at: 8192, bytes: 4096)) == [FileRange(file: Self.file, offset: 8192, length: 4096)]
        )
        #expect(
            try map.translate(Extent(at: 4 << 30, bytes: Self.mebibyte))
                == [FileRange(file: Self.file, offset: 3 << 30, length: Self.mebibyte)])
        #expect(
            try map.translate(Extent(at: (5 << 30) - 4096, bytes: 8192)) == [
                FileRange(file: Self.file, offset: (4 << 30) - 4096, length: 4096),
                FileRange(file: Self.other, offset: 0, length: 4096),
            ])
        let joined = try MemoryMap(regions: [Self.region(0, 4096, 0), Self.region(4096, 4096, 4096)])
        #expect(
            try joined.translate(Extent(at: 0, bytes: 8192)) == [FileRange(file: Self.file, offset: 0, length: 8192)])
    }

    @Test(
        "What is not wholly RAM has no translation",
        arguments: [
            (Extent(firstFrame: 0, frames: 0), RangeViolation.Code.empty),
            (Extent(firstFrame: 0, frames: .max), .wraps),
            (Extent(firstFrame: .max, frames: 1), .wraps),
            (Extent(firstFrame: (1 << 52) - 1, frames: 1), .wraps),
            (Extent(firstFrame: (1 << 52) - 1, frames: 2), .wraps),
            (Extent(firstFrame: 1 << 52, frames: 1), .wraps),
            (Extent(firstFrame: 0, frames: 1 << 20), .tooLong),
            (Extent(at: 0xA0000, bytes: 4096), .outsideRAM),
            (Extent(at: 0xC0000, bytes: 65536), .outsideRAM),
            (Extent(at: 0x9F000, bytes: 8192), .outsideRAM),
            (Extent(at: 0xFF000, bytes: 8192), .outsideRAM),
            (Extent(at: 0x9F000, bytes: 0x62000), .outsideRAM),
            (Extent(at: (3 << 30) - 4096, bytes: 8192), .outsideRAM),
            (Extent(at: 0xFFFF_F000, bytes: 4096), .outsideRAM),
            (Extent(at: (6 << 30) - 4096, bytes: 8192), .outsideRAM),
            (Extent(at: 1 << 50, bytes: 4096), .outsideRAM),
        ])
    func violations(extent: Extent, code: RangeViolation.Code) throws {
        let map = try Self.machine()
        let error = #expect(throws: RangeViolation.self) { try map.translate(extent) }
        #expect(error == RangeViolation(code: code, extent: extent))
    }

    @Test("Huge pages of the backing are discarded whole, by file offset and not by guest address")
    func alignment() throws {
        let huge: UInt64 = 1 << 21
        let map = try MemoryMap(regions: [Self.region(Self.mebibyte, 8 * huge, huge, page: huge)])
        #expect(
            try map.translate(Extent(at: Self.mebibyte + huge, bytes: huge))
                == [FileRange(file: Self.file, offset: 2 * huge, length: huge)])
        for extent in [
            Extent(at: huge, bytes: huge), Extent(at: Self.mebibyte, bytes: huge - 4096),
            Extent(at: Self.mebibyte + 4096, bytes: huge),
        ] {
            let error = #expect(throws: RangeViolation.self) { try map.translate(extent) }
            #expect(error?.code == .unaligned)
        }
    }
}
