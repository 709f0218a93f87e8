import Linux
import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("DAMON")
struct DamonTests {
    @Test("It watches single frames, lists those that are idle, and is marked as ours")
    func starts() throws {
        let tree = try FixtureTree(DamonFixture.files())
        let damon = DamonTree(tree.workingSetRoots)
        try damon.start(frames: [1, 10, 300], interval: 5_000_000)
        let context = DamonFixture.context
        let expected = [
            DamonFixture.admin + "/nr_kdamonds": "1", DamonFixture.admin + "/0/contexts/nr_contexts": "1",
            context + "/operations": "paddr", context + "/monitoring_attrs/intervals/sample_us": "5000000",
            context + "/monitoring_attrs/intervals/aggr_us": "5000000", context + "/targets/nr_targets": "1",
            context + "/targets/0/regions/nr_regions": "3", context + "/targets/0/regions/0/start": "4096",
            context + "/targets/0/regions/0/end": "8192", context + "/targets/0/regions/2/start": "1228800",
            context + "/schemes/nr_schemes": "1", context + "/schemes/0/access_pattern/nr_accesses/max": "0",
            context + "/schemes/0/access_pattern/age/min": "1",
            context + "/schemes/0/access_pattern/sz/max": "18446744073709551615",
        ]
        for (path, text) in expected { #expect(try tree.text(path) == text, "\(path)") }
        #expect(try tree.text(DamonFixture.admin + "/0/state").hasPrefix("on"))
        #expect(damon.process == 4711)
    }

    @Test("A DAMON that somebody else uses is left alone")
    func busy() throws {
        let tree = try FixtureTree(DamonFixture.files(threads: "1"))
        let damon = DamonTree(tree.workingSetRoots)
        #expect(damon.reasonAgainst()?.contains("somebody else") == true)
        #expect(throws: LinuxError.self) { try damon.start(frames: [1], interval: 1) }
        try damon.remove()
        #expect(try tree.text(DamonFixture.admin + "/nr_kdamonds") == "1")
        #expect(try tree.text(DamonFixture.admin + "/0/state") == "off")
        #expect(damon.process == nil)
        let several = try FixtureTree(DamonFixture.files(threads: "2"))
        #expect(DamonTree(several.workingSetRoots).reasonAgainst() != nil)
    }

    @Test("What an agent left behind that was killed is taken over and removed")
    func leftover() throws {
        let tree = try FixtureTree(DamonFixture.files(threads: "1"))
        try tree.write(
            DamonFixture.context + "/monitoring_attrs/intervals/update_us", "\(DamonTree.signature)\n")
        let damon = DamonTree(tree.workingSetRoots)
        #expect(damon.reasonAgainst() == nil)
        damon.removeLeftovers()
        #expect(try tree.text(DamonFixture.admin + "/nr_kdamonds") == "0")
    }

    @Test("Why DAMON cannot be used is told, and nothing stays behind where a start fails")
    func reasons() throws {
        let none = try FixtureTree()
        #expect(DamonTree(none.workingSetRoots).reasonAgainst()?.contains("no DAMON") == true)
        // A kernel whose schemes list no regions.
        var files = DamonFixture.files()
        files[DamonFixture.context + "/schemes/0/tried_regions/total_bytes"] = nil
        let old = try FixtureTree(files)
        let error = try #require(throws: LinuxError.self) {
            try DamonTree(old.workingSetRoots).start(frames: [1, 2, 3], interval: 1)
        }
        #expect(error.code == .unsupported)
        #expect(try old.text(DamonFixture.admin + "/nr_kdamonds") == "0")
    }

    @Test("Idle frames are read with their age; odd entries are skipped")
    func idleFrames() throws {
        var files = DamonFixture.files()
        let tried = DamonFixture.context + "/schemes/0/tried_regions"
        files[tried + "/0/start"] = "4096"
        files[tried + "/0/age"] = "3"
        files[tried + "/1/start"] = "x"
        files[tried + "/1/age"] = "3"
        files[tried + "/2/start"] = "18446744073709551615"
        files[tried + "/2/age"] = "18446744073709551615"
        let tree = try FixtureTree(files)
        #expect(try DamonTree(tree.workingSetRoots).idleFrames() == [1: 3, UInt64.max / 4096: .max])
    }

    @Test("Shares of a sample are taken of the kernel's own sums, by kind")
    func sample() {
        let frames = Array(0..<1000 as Range<UInt64>)
        var flags: [UInt64: PageFlags] = [:]
        var idle: [UInt64: UInt64] = [:]
        for frame in frames {
            flags[frame] = frame < 400 ? [.lru, .anonymous] : frame < 500 ? .lru : []
            // A quarter of anonymous memory is idle for a minute, half of the cache for two, and all that is free.
            idle[frame] = frame < 100 ? 12 : (400..<450).contains(frame) ? 24 : frame >= 500 ? 1000 : nil
        }
        let sample = DamonSample(frames: frames, idle: idle, flags: flags, frameCount: 1000, interval: 5 * second)
        let sizes = ListSizes(
            activeAnonymous: 1 << 30, inactiveAnonymous: 0, activeFile: 0, inactiveFile: 100 << 20)
        let histogram = IdleHistogram(
            method: .damon, confidence: .high, detail: "",
            buckets: sample.buckets(at: WorkingSetSensor.edges(60 * second), sizes: sizes),
            measuredAt: 0)
        #expect(histogram.totalBytes == (1 << 30) + (100 << 20))
        #expect(histogram.anonymousBytes(idleForAtLeast: 60 * second) == 1 << 28)
        #expect(histogram.fileBytes(idleForAtLeast: 120 * second) == 50 << 20)
        #expect(histogram.fileBytes(idleForAtLeast: 121 * second) == 0)
    }

    @Test("Without flags of frames nothing is known of kinds, and free memory does not count as idle")
    func withoutFlags() {
        let frames = Array(0..<100 as Range<UInt64>)
        var idle: [UInt64: UInt64] = [:]
        for frame in 30..<100 as Range<UInt64> { idle[frame] = 1000 }
        let sample = DamonSample(frames: frames, idle: idle, flags: [:], frameCount: 1000, interval: 5 * second)
        let sizes = ListSizes(activeAnonymous: 500 * 4096)
        let buckets = sample.buckets(at: WorkingSetSensor.edges(60 * second), sizes: sizes)
        #expect(buckets.map(\.unknownBytes) == [300 * 4096, 200 * 4096])
    }

    @Test("DAMON_STAT's hundredths become bytes; what is in use counts in full")
    func statistics() throws {
        // 30 hundredths in use (newer kernels write negative numbers there), 20 idle for 40 s, the rest for an hour.
        let numbers =
            [Int64](repeating: -5, count: 30) + [Int64](repeating: 40_000, count: 20)
            + [Int64](repeating: 3_600_000, count: 51)
        let text = numbers.map { "\($0)" }.joined(separator: ",")
        let folder = "sys/module/damon_stat/parameters"
        let tree = try FixtureTree([
            folder + "/enabled": "Y\n", folder + "/memory_idle_ms_percentiles": text + "\n",
            folder + "/estimated_memory_bandwidth": "123\n", "proc/iomem": WorkingSetFixtures.iomem,
            "proc/vmstat": WorkingSetFixtures.vmstat,
        ])
        #expect(DamonStatistics.reasonAgainst(tree.workingSetRoots) == nil)
        let statistics = try #require(DamonStatistics.read(tree.workingSetRoots))
        #expect(statistics.bandwidth == 123)
        let buckets = statistics.buckets(
            memory: 1000 << 20, evictable: 600 << 20, edges: WorkingSetSensor.edges(60 * second))
        #expect(
            buckets == [
                IdleBucket(minimumIdle: 0, maximumIdle: 15 * second, unknownBytes: 300 << 20),
                IdleBucket(minimumIdle: 30 * second, maximumIdle: 60 * second, unknownBytes: 200 << 20),
                IdleBucket(minimumIdle: 900 * second, maximumIdle: nil, unknownBytes: 100 << 20),
            ])
        let histogram = try #require(DamonStatistics.measure(tree.workingSetRoots, 7, edges: [second]))
        #expect(histogram.totalBytes <= (76_800 + 25_600 + 51_200 + 12_800) * 4096)
        #expect(histogram.confidence == .medium && histogram.method == .damonStat)
    }

    @Test("Numbers that DAMON_STAT never writes are refused")
    func oddStatistics() throws {
        let right = (0...100).map { "\($0)" }
        #expect(DamonStatistics.parse(right.joined(separator: ",")) != nil)
        #expect(DamonStatistics.parse(right.dropLast().joined(separator: ",")) == nil)
        #expect(DamonStatistics.parse(right.reversed().joined(separator: ",")) == nil)
        #expect(DamonStatistics.parse("") == nil)
        #expect(DamonStatistics.parse(right.joined(separator: ",") + ",x") == nil)
        #expect(
            DamonStatistics.parse(right.map { $0 == "50" ? "99999999999999999999" : $0 }.joined(separator: ",")) == nil)
        let off = try FixtureTree(["sys/module/damon_stat/parameters/enabled": "N\n"])
        #expect(DamonStatistics.reasonAgainst(off.workingSetRoots)?.contains("is off") == true)
    }
}
