import Sensors
import SystemPackage
import Testing
import Wire

private let kibibyte: UInt64 = 1024

@Suite("Memory, counters, nodes and pressure")
struct MemorySensorTests {
    @Test("Every number of meminfo is read in bytes", arguments: [Fixtures.meminfo61, Fixtures.meminfo612])
    func meminfo(text: String) throws {
        let tree = try FixtureTree(["proc/meminfo": text])
        let info = try MemoryInfo.read(tree.roots)
        #expect(info.total == 2_016_540 * kibibyte)
        #expect(info.free == 1_732_412 * kibibyte)
        #expect(info.available == 1_787_376 * kibibyte)
        #expect(info.buffers == 1048 * kibibyte)
        #expect(info.cached == 164_128 * kibibyte)
        #expect(info.anonymous == 4612 * kibibyte)
        #expect(info.shmem == 432 * kibibyte)
        #expect(info.slabReclaimable == 13_148 * kibibyte)
        #expect(info.locked == 4 * kibibyte)
        #expect(info.swapTotal == 524_284 * kibibyte)
        #expect(info.swapFree == 524_000 * kibibyte)
        #expect(info.swapCached == 12 * kibibyte)
        #expect(info.commitLimit == 1_532_552 * kibibyte)
        #expect(info.committed == 30_128 * kibibyte)
        #expect(info.hugePagesTotal == 8)
        #expect(info.hugePagesFree == 6)
        #expect(info.hugePagesReserved == 1)
        #expect(info.hugePageSize == 2048 * kibibyte)
        #expect(info.cmaTotal == (text == Fixtures.meminfo612 ? 65536 * kibibyte : 0))
        #expect(info.cmaFree == (text == Fixtures.meminfo612 ? 60000 * kibibyte : 0))
    }

    @Test(
        "Without total, free or available memory the file is refused by name",
        arguments: [
            "MemTotal", "MemFree", "MemAvailable",
        ])
    func missingFields(field: String) throws {
        for text in [
            Fixtures.meminfo61.replacing(field, "Other"), Fixtures.meminfo61.replacing("\(field):  ", "\(field): x"),
            Fixtures.meminfo61.replacing("\(field):  ", "\(field): 99999999999999999999"),
            Fixtures.meminfo61.replacing("\(field):  ", "\(field): -1"),
        ] {
            let tree = try FixtureTree(["proc/meminfo": text])
            let error = #expect(throws: SensorError.self) { try MemoryInfo.read(tree.roots) }
            #expect(error?.code == .malformed)
            #expect(error?.field == field)
            #expect(
                error?.description == "no usable \(field) in \(tree.root)/proc/meminfo; kernels from 6.1 on write one")
        }
    }

    @Test("A missing file is told with its cause")
    func missingFile() throws {
        let tree = try FixtureTree()
        let error = #expect(throws: SensorError.self) { try MemoryInfo.read(tree.roots) }
        #expect(error?.errno == .noSuchFileOrDirectory)
        #expect(
            error?.description == "cannot read \(tree.root)/proc/meminfo: No such file or directory; "
                + "check that the file system is mounted and readable")
    }

    @Test("A file without end is refused")
    func endless() throws {
        let tree = try FixtureTree(["proc/meminfo": String(repeating: "x", count: (1 << 20) + 1)])
        #expect(throws: SensorError.self) { try MemoryInfo.read(tree.roots) }
    }

    @Test("Counters are read under their new and old names, and are 0 where the kernel has none")
    func vmstat() throws {
        let tree = try FixtureTree(["proc/vmstat": Fixtures.vmstat61])
        let stat = try VMStat.read(tree.roots)
        #expect(stat.refaultAnonymous == 21)
        #expect(stat.refaultFile == 1345)
        #expect(stat.majorFaults == 812)
        #expect(stat.oomKills == 3)
        #expect(stat.swappedIn == 7)
        #expect(stat.swappedOut == 9)
        try tree.write("proc/vmstat", Fixtures.vmstat50)
        #expect(try VMStat.read(tree.roots).refaultFile == 77)
        #expect(try VMStat.read(tree.roots).refaultAnonymous == 0)
        for garbage in [
            "", "\n\n", "oom_kill", "oom_kill x\n", "oom_kill +3", "\u{0}\u{1}", "oom_kill 18446744073709551616",
        ] {
            try tree.write("proc/vmstat", garbage)
            #expect(try VMStat.read(tree.roots) == VMStat())
        }
    }

    @Test("Pressure is read in hundredths of a percent")
    func pressure() throws {
        let tree = try FixtureTree(["proc/pressure/memory": Fixtures.pressure])
        let report = PressureSensor.read(tree.roots)
        #expect(report.available)
        #expect(report.some?.average10Seconds == 1234)
        #expect(report.some?.average60Seconds == 5)
        #expect(report.some?.average300Seconds == 10000)
        #expect(report.some?.totalMicroseconds == 123_456_789)
        #expect(report.full?.average10Seconds == 100)
        #expect(report.full?.totalMicroseconds == 42)
    }

    @Test("Without PSI pressure is not available; garbage never traps")
    func noPressure() throws {
        let tree = try FixtureTree()
        #expect(!PressureSensor.read(tree.roots).available)
        for garbage in [
            "", "full", "some", "some avg10", "some avg10= total=", "some avg10=4294967295.99 total=-1", "x",
        ] {
            try tree.write("proc/pressure/memory", garbage)
            #expect(PressureSensor.read(tree.roots).available == garbage.hasPrefix("some"))
        }
        #expect(PressureSensor.read(SensorRoots(proc: tree.root)).some == nil)
        try tree.write("proc/pressure/memory", "some avg10=4294967295.99 total=99999999999999999999\n")
        #expect(PressureSensor.read(tree.roots).some?.average10Seconds == 10000)
    }

    @Test("Online nodes are read, unreadable ones left out")
    func nodes() throws {
        let tree = try FixtureTree([
            "sys/devices/system/node/online": "0-2,7\n",
            "sys/devices/system/node/node0/meminfo": Fixtures.node1.replacing("Node 1", "Node 0"),
            "sys/devices/system/node/node1/meminfo": Fixtures.node1,
            "sys/devices/system/node/node2/meminfo": "garbage\n",
        ])
        let nodes = NodeSensor.read(tree.roots)
        #expect(nodes.map(\.node) == [0, 1])
        #expect(nodes.last?.totalBytes == 1_008_270 * kibibyte)
        #expect(nodes.last?.freeBytes == 800_000 * kibibyte)
        #expect(nodes.last?.fileBytes == 90000 * kibibyte)
        #expect(nodes.last?.anonymousBytes == 4000 * kibibyte)
        for list in ["", "x", "5-", "-5", "9-1", "0-4294967295", "4294967296", "1-2-3", ","] {
            try tree.write("sys/devices/system/node/online", list)
            #expect(NodeSensor.read(tree.roots).count <= 2)
        }
    }

    @Test("The report carries the memory, the counters and the nodes")
    func report() throws {
        let tree = try FixtureTree([
            "proc/meminfo": Fixtures.meminfo61, "proc/vmstat": Fixtures.vmstat61,
            "sys/devices/system/node/online": "1\n", "sys/devices/system/node/node1/meminfo": Fixtures.node1,
        ])
        let report = try MemorySensor.read(tree.roots)
        let info = try MemoryInfo.read(tree.roots)
        #expect(report.totalBytes == info.total)
        #expect(report.availableBytes == info.available)
        #expect(report.freeBytes == info.free)
        #expect(report.cachedBytes == info.cached)
        #expect(report.buffersBytes == info.buffers)
        #expect(report.anonymousBytes == info.anonymous)
        #expect(report.shmemBytes == info.shmem)
        #expect(report.slabReclaimableBytes == info.slabReclaimable)
        #expect(report.swapTotalBytes == info.swapTotal)
        #expect(report.swapFreeBytes == info.swapFree)
        #expect(report.swapCachedBytes == info.swapCached)
        #expect(report.refaultAnonymousPages == 21)
        #expect(report.refaultFilePages == 1345)
        #expect(report.majorFaults == 812)
        #expect(report.oomKills == 3)
        #expect(report.swappedInPages == 7)
        #expect(report.swappedOutPages == 9)
        #expect(report.nodes.count == 1)
    }

    @Test("This machine's own files are readable")
    func thisMachine() throws {
        let report = try MemorySensor.read()
        #expect(report.totalBytes > 0 && report.availableBytes <= report.totalBytes)
        #expect(try !ZoneInfo.read().zones.isEmpty)
        _ = PressureSensor.read()
        _ = OvercommitMode.read()
    }
}
