import SystemPackage
import Testing

@testable import Sensors

@Suite("Page frames: where they are and what they hold")
struct PageFlagsTests {
    private func name(_ flags: PageFlags) -> String { "\(flags.kind)" }

    @Test("Only evictable pages have a kind, and only file pages without a mapping depend on flags")
    func kinds() {
        #expect(name(.lru) == "unmappedFile")
        #expect(name([.lru, .mapped]) == "mappedFile")
        #expect(name([.lru, .anonymous, .swapBacked, .mapped]) == "anonymous")
        #expect(name([.lru, .anonymous]) == "anonymous")
        #expect(name([.lru, .swapBacked]) == "unmappedShared")
        #expect(name([.lru, .swapBacked, .mapped]) == "anonymous")
        for flags: PageFlags in [[], .unevictable, .locked, .none, .hugetlb, .tail] {
            #expect(name(flags.union(flags.isEmpty ? [] : .lru)) == "other")
        }
    }

    @Test("Pages of a larger folio count with the flags of its first")
    func folios() throws {
        let tree = try FixtureTree()
        var flags = [PageFlags](repeating: .lru, count: 64)
        flags[16] = [.lru, .head, .referenced]
        for index in 17..<32 { flags[index] = .tail }
        flags[40] = [.head, .anonymous]
        for index in 41..<48 { flags[index] = [.tail, .anonymous] }
        flags[50] = .tail
        try FrameFile.write(flags, in: tree)
        guard var reader = PageFlagsReader(tree.workingSetRoots) else {
            Issue.record("the file is there")
            return
        }
        func read(_ frame: UInt64, _ count: Int) -> [PageFlags] { reader.flags(from: frame, count: count) }
        #expect(read(24, 8) == [PageFlags](repeating: [.lru, .head, .referenced], count: 8))
        #expect(read(30, 4) == [flags[16], flags[16], .lru, .lru])
        #expect(read(44, 2) == [[.tail, .anonymous], [.tail, .anonymous]])
        // A tail without a first page before it stays as it is.
        #expect(read(50, 1) == [.tail])
        #expect(read(60, 8).count == 4)
        #expect(read(1 << 62, 8).isEmpty)
        #expect(read(.max, 8).isEmpty)
    }

    @Test("Without the file nothing is read")
    func missing() throws {
        let tree = try FixtureTree()
        let isMissing = PageFlagsReader(tree.workingSetRoots) == nil
        #expect(isMissing)
    }

    @Test("Memory lies where /proc/iomem says; parts of frames and nested lines do not count")
    func iomem() {
        let memory = PhysicalMemory.parse(Array(WorkingSetFixtures.iomem.utf8))
        #expect(memory.frames == [0x1..<0x9f, 0x100..<0xbffe0, 0x100000..<0x140000])
        #expect(memory.frameCount == 0x9e + 0xbfee0 + 0x40000)
    }

    @Test("Without the right to see addresses there is no memory, and odd lines are skipped")
    func noAddresses() {
        for text in [
            "", "00000000-00000000 : System RAM\n", "zz-yy : System RAM\n", "5000 : System RAM\n",
            "00001000-ffffffffffffffff : System RAM\n", "00005000-00001000 : System RAM\n",
        ] {
            #expect(PhysicalMemory.parse(Array(text.utf8)).frames.isEmpty, "\(text)")
        }
        // Ranges out of order cannot be sampled evenly.
        let twice = "00010000-0001ffff : System RAM\n00010000-0001ffff : System RAM\n"
        #expect(PhysicalMemory.parse(Array(twice.utf8)).frames.count == 1)
        var dice = Dice(11)
        for _ in 0..<300 {
            let memory = PhysicalMemory.parse(dice.mutated(WorkingSetFixtures.iomem))
            #expect(memory.sample(32, size: 8, seed: 1).count <= 32)
        }
    }

    @Test("A sample has one place in each equal part of memory, inside of it")
    func sample() {
        let memory = PhysicalMemory(frames: [8..<108, 1000..<9000, 20_000..<20_007])
        for seed in 0..<20 as Range<UInt64> {
            let starts = memory.sample(100, size: 8, seed: seed)
            #expect(starts.count == 100)
            #expect(starts == starts.sorted() && Set(starts).count == 100)
            for start in starts {
                #expect(memory.frames.contains { $0.contains(start) && $0.contains(start + 7) })
            }
            #expect(starts.count { $0 >= 1000 } >= 97)
        }
        #expect(memory.sample(100, size: 8, seed: 1) == memory.sample(100, size: 8, seed: 1))
        #expect(memory.sample(5000, size: 8, seed: 1).count == 1012)
        #expect(memory.sample(0, size: 8, seed: 1).isEmpty)
        #expect(PhysicalMemory(frames: []).sample(10, size: 8, seed: 1).isEmpty)
    }
}
