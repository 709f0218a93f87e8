import Glibc
import Linux
import SystemPackage
import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("The best method for the working set")
struct WorkingSetSensorTests {
    private static let generations = [
        "sys/kernel/mm/lru_gen/enabled": "0x0007\n", "debug/lru_gen": WorkingSetFixtures.generations61,
    ]
    private static let common = [
        "proc/vmstat": WorkingSetFixtures.vmstat, "proc/iomem": "00000000-001fffff : System RAM\n",
        "proc/meminfo": "MemTotal: 4000000 kB\nMapped: 2048 kB\n",
    ]
    private static let statistics = [
        "sys/module/damon_stat/parameters/enabled": "Y\n",
        "sys/module/damon_stat/parameters/memory_idle_ms_percentiles":
            (0...100).map { "\($0)" }.joined(separator: ","),
    ]

    private func sensor(
        _ tree: FixtureTree, _ change: (inout WorkingSetSettings) -> Void = { _ in }
    ) -> WorkingSetSensor {
        var settings = WorkingSetSettings()
        settings.damonFrames = 3
        change(&settings)
        return WorkingSetSensor(tree.workingSetRoots, settings: settings, clock: { 500 * second })
    }

    private func tree(_ parts: [String: String]...) throws -> FixtureTree {
        try FixtureTree(parts.reduce(Self.common) { $0.merging($1) { $1 } })
    }

    @Test("Nothing is chosen before the start, and nothing is left after the end")
    func life() throws {
        let tree = try tree(Self.generations)
        var sensor = sensor(tree)
        #expect(sensor.method == nil && sensor.sample(now: second) == nil && sensor.due == nil)
        sensor.start()
        #expect(sensor.method == .mglru)
        #expect(sensor.sample(now: 500 * second)?.method == .mglru)
        sensor.stop()
        #expect(sensor.method == nil && sensor.sample(now: 600 * second) == nil)
    }

    @Test("Generations come first, then DAMON where it is allowed, then DAMON_STAT, then refaults")
    func order() throws {
        func chosen(_ tree: FixtureTree, _ change: (inout WorkingSetSettings) -> Void) -> IdleHistogram.Method? {
            var sensor = sensor(tree, change)
            sensor.start()
            defer { sensor.stop() }
            return sensor.method
        }
        let all = try tree(Self.generations, DamonFixture.files(), Self.statistics)
        #expect(chosen(all) { $0.mayUseDAMON = true } == .mglru)
        #expect(
            chosen(all) {
                $0.mayUseDAMON = true; $0.excluded = [.mglru]
            } == .damon)
        #expect(chosen(all) { $0.excluded = [.mglru] } == .damonStat)
        #expect(chosen(all) { $0.excluded = [.mglru, .damonStat] } == .refault)
        // Generations that may not be aged say less than DAMON_STAT.
        #expect(chosen(all) { $0.mayAge = false } == .damonStat)
        #expect(chosen(try tree(Self.generations)) { $0.mayAge = false } == .mglru)
        #expect(chosen(try tree([:])) { $0.mayUseDAMON = true } == .refault)
    }

    @Test("The multi-generational LRU is switched on only where that is allowed, and off again at the end")
    func switchesOn() throws {
        let tree = try tree(Self.generations, ["sys/kernel/mm/lru_gen/enabled": "0x0000\n"])
        var forbidden = sensor(tree)
        forbidden.start()
        #expect(forbidden.method == .refault)
        #expect(try tree.text("sys/kernel/mm/lru_gen/enabled") == "0x0000\n")
        var allowed = sensor(tree) { $0.maySwitchGenerationsOn = true }
        allowed.start()
        #expect(allowed.method == .mglru)
        #expect(try tree.text("sys/kernel/mm/lru_gen/enabled").hasPrefix("0x7"))
        allowed.stop()
        #expect(try tree.text("sys/kernel/mm/lru_gen/enabled").hasPrefix("0x0"))
    }

    @Test("Every method says whether it works and why not")
    func reasons() throws {
        let tree = try tree(DamonFixture.files(threads: "1"))
        let states = sensor(tree).methods()
        #expect(
            states.map(\.name)
                == ["working-set-mglru", "working-set-damon", "working-set-damon-stat", "working-set-refault"])
        #expect(states.map(\.isAvailable) == [false, false, false, true])
        #expect(states[0].detail.contains("no multi-generational LRU"))
        #expect(states[1].detail.contains("somebody else"))
        #expect(states[2].detail.contains("6.17"))
        let free = try self.tree(DamonFixture.files())
        #expect(sensor(free).methods()[1].detail.contains("does not allow"))
        #expect(sensor(free) { $0.mayUseDAMON = true }.methods()[1].isAvailable)
        #expect(sensor(free) { $0.excluded = [.refault] }.methods()[3].detail.contains("leaves it out"))
    }

    @Test("Two measurements are never closer than the bound")
    func gap() throws {
        let tree = try tree([:])
        var sensor = sensor(tree)
        sensor.start()
        let first = sensor.sample(now: 100 * second)
        #expect(first?.measuredAt == 100 * second)
        #expect(sensor.sample(now: 101 * second)?.measuredAt == 100 * second)
        #expect(sensor.sample(now: 102 * second)?.measuredAt == 102 * second)
    }

    @Test("A method that stops working is followed by the next best")
    func fails() throws {
        let tree = try tree(Self.generations)
        var sensor = sensor(tree)
        sensor.start()
        #expect(sensor.sample(now: 100 * second)?.method == .mglru)
        try tree.write("sys/kernel/mm/lru_gen/enabled", "0x0000\n")
        let next = sensor.sample(now: 200 * second)
        #expect(next?.method == .refault && next?.confidence == .low)
        #expect(sensor.method == .refault)
    }

    @Test("With refaults alone all counts as used but what probing found cold")
    func refaults() throws {
        let tree = try tree([:])
        var sensor = sensor(tree)
        sensor.start()
        let first = sensor.sample(now: 100 * second)
        let blind = try #require(first)
        #expect(blind.workingSet(window: 1) == blind.totalBytes)
        #expect(blind.totalBytes == 166_400 * 4096)
        var probe = CacheProbe()
        probe.reclaimed(1 << 20, counters: RefaultCounters(), now: 0)
        probe.learn(RefaultCounters(), now: 100 * second)
        let later = sensor.sample(now: 110 * second, probe: probe)
        let probed = try #require(later)
        #expect(probed.fileBytes(idleForAtLeast: 60 * second) == 76_800 * 4096)
        #expect(probed.confidence == .low)
    }

    @Test("Processor time of a process is read past a name with blanks and parentheses")
    func processorTime() throws {
        let tree = try FixtureTree([
            "proc/77/stat": "77 (k (d) 0) S 2 0 0 0 -1 2129984 0 0 0 0 3 14 0 0 20 0 1 0 100 0 0\n",
            "proc/78/stat": "78 (x) S\n", "proc/79/stat": "",
        ])
        #expect(ProcessorTime.ofProcess(77, tree.workingSetRoots) == 170_000_000)
        #expect(ProcessorTime.ofProcess(78, tree.workingSetRoots) == nil)
        #expect(ProcessorTime.ofProcess(79, tree.workingSetRoots) == nil)
        #expect(ProcessorTime.ofProcess(80, tree.workingSetRoots) == nil)
        #expect(ProcessorTime.ofThread() > 0)
    }

    @Test("The watch measures on its own thread, tells when it did, and ends")
    func watch() throws {
        let tree = try tree(Self.generations)
        let watch = try WorkingSetWatch(tree.workingSetRoots)
        #expect(watch.state.histogram == nil && watch.state.samples == 0)
        for round in 1...3 as ClosedRange<UInt64> {
            try watch.start()
            try watch.start()
            var descriptor = pollfd(fd: watch.measured.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            #expect(poll(&descriptor, 1, 60_000) == 1)
            try watch.measured.drain()
            #expect(watch.state.histogram?.method == .mglru)
            #expect(watch.state.method == .mglru)
            #expect(watch.state.samples >= round)
            watch.stop(waiting: true)
            #expect(watch.state.histogram == nil && watch.state.method == nil)
        }
        watch.stop(waiting: true)
    }

    @Test("A watch that is stopped and started at once goes on")
    func restart() throws {
        let tree = try tree(Self.generations)
        let watch = try WorkingSetWatch(tree.workingSetRoots)
        for _ in 0..<20 {
            try watch.start()
            watch.stop()
        }
        try watch.start()
        try watch.measured.drain()
        watch.refresh()
        var descriptor = pollfd(fd: watch.measured.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        #expect(poll(&descriptor, 1, 60_000) == 1)
        watch.stop(waiting: true)
    }
}
