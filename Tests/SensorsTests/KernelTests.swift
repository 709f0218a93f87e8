import SystemPackage
import Testing
import Wire

@testable import Sensors

private let kibibyte: UInt64 = 1024
private let mebibyte: UInt64 = 1 << 20
private let page: UInt64 = 4096

@Suite("Sensors on guests of several kernels")
struct KernelTests {
    @Test("meminfo has the fields of its release", arguments: KernelFixture.allCases)
    func memory(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        let info = try MemoryInfo.read(tree.roots)
        #expect(info.total == 4_020_000 * kibibyte)
        #expect(info.activeAnonymous == 100_000 * kibibyte)
        #expect(info.inactiveAnonymous == 800_000 * kibibyte)
        #expect(info.activeFile == 800_000 * kibibyte)
        #expect(info.inactiveFile == 800_000 * kibibyte)
        #expect(info.unevictable == 30_000 * kibibyte)
        #expect(info.dirty == 5000 * kibibyte)
        #expect(info.writeback == 400 * kibibyte)
        #expect(info.mapped == 120_000 * kibibyte)
        #expect(info.kernelReclaimable == 150_000 * kibibyte)
        #expect(info.slabUnreclaimable == 70_000 * kibibyte)
        #expect(info.kernelStacks == 6000 * kibibyte)
        #expect(info.pageTables == 12_000 * kibibyte)
        #expect(info.secondaryPageTables == (kernel.tellsZswap ? 500 * kibibyte : 0))
        #expect(info.perProcessor == 3000 * kibibyte)
        #expect(info.anonymousHuge == 204_800 * kibibyte)
        #expect(info.fileHuge == 2048 * kibibyte)
        #expect(info.shmemHuge == 0)
        #expect(info.zswap == (kernel.tellsZswap ? 12_000 * kibibyte : 0))
        #expect(info.zswapped == (kernel.tellsZswap ? 40_000 * kibibyte : 0))
        #expect(info.hugetlb == 16_384 * kibibyte)
        #expect(info.balloon == 0)
        // Anonymous, shmem, 99,000 KiB swapped out and not cached, and the kernel's own.
        let kernelOwn: UInt64 = 70_000 + 6000 + 12_000 + 3000 + (kernel.tellsZswap ? 500 : 0)
        #expect(info.demandBytes() == (800_000 + 100_000 + 99_000 + kernelOwn) * kibibyte)
        #expect(info.demandBytes(held: 800_000 * kibibyte) == (100_000 + 99_000 + kernelOwn) * kibibyte)
        #expect(info.demandBytes(held: .max) == (100_000 + 99_000 + kernelOwn) * kibibyte)
    }

    @Test("vmstat has the counters of its release", arguments: KernelFixture.allCases)
    func counters(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        let stat = try VMStat.read(tree.roots)
        #expect(stat.refaultAnonymous == 21 && stat.refaultFile == 1345)
        #expect(stat.activatedAnonymous == 3 && stat.activatedFile == 700)
        #expect(stat.majorFaults == 812 && stat.oomKills == 3)
        #expect(stat.swappedIn == 7 && stat.swappedOut == 9)
        // Without pgscan_direct_throttle and what khugepaged did.
        #expect(stat.directScanned == 2500 && stat.directReclaimed == 1500)
        #expect(stat.backgroundScanned == 90_000 && stat.backgroundReclaimed == 60_000)
        #expect(stat.allocationStalls == 50)
        #expect(stat.compactionStalls == 17)
        #expect(stat.balloonInflated == 5120 && stat.balloonDeflated == 1024 && stat.balloonMigrated == 64)
    }

    @Test("Counters that older kernels have for each zone are summed")
    func zoneCounters() throws {
        let stat = VMStat.parse(
            Array("pgscan_direct_dma 1\npgscan_direct_normal 2\npgscan_direct_throttle 9\nallocstall 4\n".utf8))
        #expect(stat.directScanned == 3)
        #expect(stat.allocationStalls == 4)
        let huge = VMStat.parse(Array("allocstall_dma 18446744073709551615\nallocstall_normal 2\n".utf8))
        #expect(huge.allocationStalls == .max)
        let old = VMStat.parse(Array("workingset_refault 5\nworkingset_activate 6\n".utf8))
        #expect(old.refaultFile == 5 && old.activatedFile == 6 && old.refaultAnonymous == 0)
    }

    @Test("The host's report carries every number", arguments: KernelFixture.allCases)
    func report(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        let report = try MemorySensor.read(tree.roots)
        #expect(report.directReclaimPages == 1500)
        #expect(report.allocationStalls == 50)
        #expect(report.balloonInflatedPages == 5120)
        #expect(report.balloonDeflatedPages == 1024)
        #expect(report.balloonMigratedPages == 64)
        #expect(report.anonymousHugeBytes == 200 * mebibyte)
        #expect(report.hugePagesTotal == 8 && report.hugePagesFree == 6)
        #expect(report.hugePageBytes == 2 * mebibyte)
        #expect(report.zswapBytes == (kernel.tellsZswap ? 12_000 * kibibyte : 0))
        #expect(report.zswappedBytes == (kernel.tellsZswap ? 40_000 * kibibyte : 0))
        #expect(report.zramBytes == 110_000_000)
        #expect(report.zramStoredBytes == 400_000_000)
        #expect(report.freeHugeBlocksBytes == 2 * mebibyte * (1 + 2 * 3 + 9 + 2 * 90 + 5 + 2 * 30))
        #expect(report.dirtyBytes == 5000 * kibibyte)
        #expect(report.unevictableBytes == 30_000 * kibibyte)
        #expect(report.nodes.map(\.fileBytes) == [1_741_000 * kibibyte])
        // Only meminfo must be there.
        let bare = try FixtureTree(["proc/meminfo": kernel.files["proc/meminfo"] ?? ""])
        #expect(try MemorySensor.read(bare.roots).totalBytes == report.totalBytes)
        #expect(try MemorySensor.read(bare.roots).zramBytes == 0)
    }

    @Test("Each node's memory is told by kind")
    func nodes() throws {
        let tree = try FixtureTree(KernelFixture.v6_1.files)
        let node = try #require(NodeInfo.read(tree.roots).first)
        #expect(node.node == 0 && node.total == 4_020_000 * kibibyte && node.free == 1_000_000 * kibibyte)
        #expect(node.activeFile == 800_000 * kibibyte && node.inactiveFile == 800_000 * kibibyte)
        #expect(node.activeAnonymous == 100_000 * kibibyte && node.inactiveAnonymous == 800_000 * kibibyte)
        #expect(node.shmem == 100_000 * kibibyte && node.slabReclaimable == 140_000 * kibibyte)
        #expect(node.dirty == 5000 * kibibyte && node.unevictable == 30_000 * kibibyte)
        #expect(node.anonymousHuge == 204_800 * kibibyte)
    }

    @Test("Every sensor of the catalogue works", arguments: KernelFixture.allCases)
    func catalog(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        var catalog = SensorCatalog.standard
        catalog.entries.append(SensorCatalog.Entry("later") { _ in .missing("not yet") })
        let states = catalog.states(tree.roots)
        #expect(states.filter { !$0.isAvailable }.map(\.name) == ["later"])
        #expect(
            states.first { $0.name == "cgroups" }?.detail == (kernel == .v5_10_cgroup1 ? "version 1" : "version 2"))
        let list = SensorCatalog.report(states)
        #expect(list.sensors.map(\.name) == states.map(\.name))
        #expect(list.sensors.count <= 32)
    }

    @Test("Where there is nothing, every sensor says what is missing")
    func nothing() throws {
        let tree = try FixtureTree()
        for state in SensorCatalog.standard.states(tree.roots) {
            #expect(!state.isAvailable, "\(state.name)")
            #expect(!state.detail.isEmpty && !state.detail.contains("\n"))
        }
        try tree.write("proc/swaps", "Filename Type Size Used Priority\n")
        try tree.write("sys/module/zswap/parameters/enabled", "N\n")
        try tree.write("cgroup/unified/cgroup.controllers", "\n")
        let states = SensorCatalog.standard.states(tree.roots)
        func detail(_ name: String) -> String? { states.first { $0.name == name }?.detail }
        #expect(detail("pressure") == "this kernel has no PSI (CONFIG_PSI), or it is switched off: boot with psi=1")
        #expect(detail("zswap") == "zswap is switched off")
        #expect(detail("swap") == "no swap area in /proc/swaps")
        #expect(detail("cgroup-pressure") == "no cgroup under \(tree.root)/cgroup/unified tells its pressure")
    }

    @Test("This machine's own sensors are all readable or say why not")
    func thisMachine() throws {
        for state in SensorCatalog.standard.states() { #expect(state.isAvailable || !state.detail.isEmpty) }
        #expect(try MemorySensor.read().freeHugeBlocksBytes <= MemoryInfo.read().total)
        _ = TopSensor.read()
    }
}
