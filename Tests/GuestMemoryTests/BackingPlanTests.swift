import Testing

@testable import GuestMemory

@Suite("What is to be backed")
struct BackingPlanTests {
    private static let file = FileKey(device: 1, inode: 2)
    private static let huge: UInt64 = 2 << 20

    /// 1 GiB at 0 and 1 GiB at 4 GiB, on huge pages, with a hole at 640 KiB as PCs have it.
    private static func map() throws -> MemoryMap {
        try MemoryMap(regions: [
            MemoryRegion(guestAddress: 0, length: 640 << 10, file: file, fileOffset: 0, pageBytes: huge),
            MemoryRegion(
                guestAddress: 1 << 20, length: 1023 << 20, file: file, fileOffset: 1 << 20, pageBytes: huge),
            MemoryRegion(guestAddress: 4 << 30, length: 1 << 30, file: file, fileOffset: 1 << 30, pageBytes: huge),
        ])
    }

    @Test("Everything but what is held, in whole pages and no longer than a slice")
    func everythingBut() throws {
        let map = try Self.map()
        let held: [Range<UInt64>] = [1024..<2048, (4 << 30) / 4096..<(4 << 30) / 4096 + 512]
        let ranges = BackingPlan.everything(but: held, in: map)
        #expect(ranges.allSatisfy { $0.offset % Self.huge == 0 && $0.length % Self.huge == 0 })
        #expect(ranges.allSatisfy { $0.length <= BackingPlan.sliceBytes })
        #expect(ranges.reduce(0) { $0 + $1.length } == (2 << 30) - (4 << 20) - (2 << 20))
        for range in ranges {
            #expect(range.end <= 4 << 20 || range.offset >= 8 << 20)
            #expect(range.end <= 1 << 30 || range.offset >= (1 << 30) + (2 << 20))
        }
        #expect(BackingPlan.everything(but: [], in: map).reduce(0) { $0 + $1.length } == 2 << 30)
        let all: [Range<UInt64>] = [0..<(8 << 30) / 4096]
        #expect(BackingPlan.everything(but: all, in: map).isEmpty)
    }

    @Test("Frames are found in the file, those outside RAM are left out")
    func ranges() throws {
        let map = try Self.map()
        let frames: [Range<UInt64>] = [
            512..<1024, (4 << 30) / 4096..<(4 << 30) / 4096 + 512, 1 << 30..<(1 << 30) + 512,
        ]
        #expect(
            BackingPlan.ranges(of: frames, in: map) == [
                FileRange(file: Self.file, offset: Self.huge, length: Self.huge),
                FileRange(file: Self.file, offset: 1 << 30, length: Self.huge),
            ])
    }
}
