import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("The working set from the kernel's generations")
struct GenerationMethodTests {
    private func tree(_ files: [String: String] = [:]) throws -> FixtureTree {
        let usual = [
            "sys/kernel/mm/lru_gen/enabled": "0x0007\n", "sys/kernel/mm/lru_gen/min_ttl_ms": "0\n",
            "debug/lru_gen": WorkingSetFixtures.generations61,
            "proc/meminfo": "MemTotal: 4000000 kB\nMapped: 2048 kB\n", "proc/vmstat": WorkingSetFixtures.vmstat,
        ]
        return try FixtureTree(usual.merging(files) { $1 })
    }

    @Test("It orders a new generation of each group that is old enough, by number, node and youngest generation")
    func orders() throws {
        let tree = try tree()
        var method = GenerationMethod(tree.workingSetRoots, schedule: .usual, samples: 16, seed: 1)
        #expect(method.due == nil)
        _ = try method.measure(1000 * second)
        // The second group was aged 4 ms ago, and so was the third.
        #expect(try tree.text("debug/lru_gen").hasPrefix("+ 1 0 3 1 1\n"))
        #expect(try !tree.text("debug/lru_gen").contains("+ 31"))
        #expect(method.due == 1015 * second)
        try tree.write("debug/lru_gen", WorkingSetFixtures.generations61)
        _ = try method.measure(1014 * second)
        #expect(try tree.text("debug/lru_gen") == WorkingSetFixtures.generations61)
        _ = try method.measure(1015 * second)
        #expect(try tree.text("debug/lru_gen").hasPrefix("+ 1 0 3 1 1\n"))
        #expect(method.due == 1060 * second)
    }

    @Test("Where it may only read, the kernel's generations are told as they are, and cache without an age is used")
    func reads() throws {
        let tree = try tree()
        var method = GenerationMethod(
            tree.workingSetRoots, schedule: .usual, samples: 16, seed: 1, obstacle: "forbidden")
        let histogram = try method.measure(1000 * second)
        #expect(try tree.text("debug/lru_gen") == WorkingSetFixtures.generations61)
        #expect(histogram.method == .mglru && histogram.confidence == .low)
        #expect(histogram.detail.contains("forbidden"))
        #expect(histogram.totalBytes == (2757 + 1376 + 192 + 64 + 5120 + 2048) * 4096)
        // The youngest generation of the first group opened 20.1 s ago.
        #expect(histogram.measuredAt == 1000 * second - 20_100_000_000)
        let unknown = histogram.buckets.first { $0.minimumIdle == 0 && $0.maximumIdle == nil }
        // 3,488 pages of cache, of which 512 are mapped.
        #expect(unknown?.fileBytes == (3488 - 512) * 4096)
        #expect(method.due == nil)
    }

    @Test("A file that cannot be written is told at the first attempt")
    func unwritable() throws {
        let tree = try tree()
        #expect(GenerationMethod.obstacleToAging(tree.workingSetRoots) == nil)
        let empty = try FixtureTree()
        #expect(GenerationMethod.obstacleToAging(empty.workingSetRoots)?.contains("cannot be written") == true)
    }

    @Test("Why the generations cannot be used is told")
    func reasons() throws {
        let none = try FixtureTree()
        #expect(
            GenerationMethod.reasonAgainst(none.workingSetRoots, maySwitchOn: true)?.contains("no multi-generational")
                == true)
        let off = try tree(["sys/kernel/mm/lru_gen/enabled": "0x0000\n"])
        #expect(GenerationMethod.reasonAgainst(off.workingSetRoots, maySwitchOn: false)?.contains("is off") == true)
        #expect(GenerationMethod.reasonAgainst(off.workingSetRoots, maySwitchOn: true) == nil)
        // Without walks over page tables the generations follow other rules.
        let noWalks = try tree(["sys/kernel/mm/lru_gen/enabled": "0x0001\n"])
        #expect(GenerationMethod.reasonAgainst(noWalks.workingSetRoots, maySwitchOn: false) != nil)
        let on = try tree()
        #expect(GenerationMethod.reasonAgainst(on.workingSetRoots, maySwitchOn: false) == nil)
        let noDebug = try FixtureTree(["sys/kernel/mm/lru_gen/enabled": "0x0007\n"])
        #expect(
            GenerationMethod.reasonAgainst(noDebug.workingSetRoots, maySwitchOn: false)?.contains("lru_gen") == true)
    }

    @Test("Read cache is dated by the flags of a sample of frames")
    func cache() throws {
        // 512 frames: half cache that is read, a quarter of it in use; half free.
        var flags = [PageFlags](repeating: [], count: 512)
        for frame in 0..<256 { flags[frame] = frame < 64 ? [.lru, .referenced] : .lru }
        func text(_ youngest: UInt64, _ age: UInt64) -> String {
            "memcg 1 /\n node 0\n \(youngest - 1) \(age) 0 256\n \(youngest) \(age) 0 0\n"
        }
        let tree = try tree([
            "proc/iomem": "00000000-001fffff : System RAM\n", "debug/lru_gen": text(3, 20_000),
        ])
        try FrameFile.write(flags, in: tree)
        var method = GenerationMethod(tree.workingSetRoots, schedule: .usual, samples: 1000, seed: 1)
        for (index, seconds) in [0, 15, 60, 120].enumerated() as EnumeratedSequence<[UInt64]> {
            try tree.write("debug/lru_gen", text(3 + UInt64(index), 10_000))
            _ = try method.measure((1000 + seconds) * second)
        }
        try tree.write("debug/lru_gen", text(7, 0))
        let histogram = try method.measure(1121 * second)
        #expect(histogram.fileBytes(idleForAtLeast: 60 * second) == 192 * 4096)
        #expect(histogram.workingSet(window: 60 * second) == 64 * 4096)
        #expect(histogram.confidence == .high, "\(histogram.detail)")
        #expect(histogram.measuredAt == 1120 * second)
    }
}
