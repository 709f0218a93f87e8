import SystemPackage
import Testing
import Wire

@testable import Sensors

private let mebibyte: UInt64 = 1 << 20

@Suite("Who uses the memory")
struct CgroupConsumerTests {
    @Test(
        "Services, scopes and containers are told, largest first, and nothing twice", arguments: KernelFixture.allCases)
    func consumers(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        let found = CgroupConsumers.read(tree.roots)
        #expect(found.version == (kernel == .v5_10_cgroup1 ? 1 : 2))
        #expect(
            found.consumers.map(\.watchedPath) == [
                "/system.slice/postgresql.service", "/system.slice/*",
                "/user.slice/user-1000.slice/session-3.scope", "/system.slice/nginx.service",
                "/machine.slice/libpod-1.scope/container",
            ])
        #expect(!found.isCut && found.leftOut == 0)
        #expect(found.holders?.currentBytes == 256 * mebibyte)
        #expect(found.consumers.allSatisfy { !$0.path.contains("ballastholders") })

        let postgres = found.consumers[0]
        #expect(postgres.currentBytes == 720 * mebibyte && postgres.anonymousBytes == 400 * mebibyte)
        #expect(postgres.fileBytes == 300 * mebibyte && postgres.shmemBytes == 200 * mebibyte)
        #expect(postgres.kernelBytes == 20 * mebibyte && postgres.swapBytes == 50 * mebibyte)
        #expect(postgres.limitBytes == nil && postgres.oomKills == 2)
        #expect(postgres.pressure.some?.totalMicroseconds == 700)
        // Version 1 does not tell what of the kernel's memory can be reclaimed.
        #expect(postgres.demandBytes == (400 + 200 + 50 + (kernel == .v5_10_cgroup1 ? 20 : 10)) * mebibyte)
        #expect(found.consumers[3].limitBytes == 512 * mebibyte)

        // What services that ended left behind.
        let rest = found.consumers[1]
        #expect(rest.isRemainder && rest.path == "/system.slice")
        #expect(rest.currentBytes == 700 * mebibyte && rest.fileBytes == 610 * mebibyte)
        #expect(rest.anonymousBytes == 80 * mebibyte && rest.swapBytes == 0)
    }

    @Test("A guest without services is told as a whole")
    func onlyRoot() throws {
        let tree = try FixtureTree([
            "cgroup/cgroup.controllers": "memory\n",
            "cgroup/memory.stat": "anon 1000\nfile 2000\nkernel 300\nshmem 10\n",
            "cgroup/ballastholders.slice/memory.current": "5000\n",
        ])
        let found = CgroupConsumers.read(tree.roots)
        #expect(found.consumers.map(\.path) == ["/"])
        #expect(found.consumers.map(\.currentBytes) == [3300])
        #expect(found.holders?.currentBytes == 5000)
    }

    @Test("Many small cgroups are told as the one around them")
    func small() throws {
        var files = [
            "cgroup/cgroup.controllers": "memory\n", "cgroup/system.slice/memory.current": "\(101 * mebibyte)\n",
            "cgroup/system.slice/a.service/memory.current": "\(100 * mebibyte)\n",
        ]
        for worker in 0..<50 {
            files["cgroup/system.slice/a.service/w\(worker)/memory.current"] = "\(2 * mebibyte)\n"
        }
        let tree = try FixtureTree(files)
        #expect(CgroupConsumers.read(tree.roots).consumers.map(\.path) == ["/system.slice/a.service"])
    }

    @Test("The walk keeps its bounds and says so; the largest stay")
    func bounds() throws {
        var files = ["cgroup/cgroup.controllers": "memory\n"]
        for group in 0..<40 {
            files["cgroup/g\(group)/memory.current"] = "\(UInt64(100 + group) * mebibyte)\n"
            files["cgroup/g\(group)/inner/memory.current"] = "\(UInt64(100 + group) * mebibyte)\n"
        }
        let tree = try FixtureTree(files)
        var bounds = CgroupConsumers.Bounds()
        bounds.reported = 3
        var found = CgroupConsumers.read(tree.roots, bounds: bounds)
        #expect(found.consumers.map(\.path) == ["/g39/inner", "/g38/inner", "/g37/inner"])
        #expect(found.leftOut == 37 && !found.isCut)
        #expect(TopSensor.report(found, LeakWatch()).leftOut == 37)
        bounds.visited = 43
        found = CgroupConsumers.read(tree.roots, bounds: bounds)
        #expect(found.isCut)
        #expect(found.consumers.map(\.path) == ["/g39/inner", "/g38/inner", "/g37"])
        bounds.visited = 20
        #expect(CgroupConsumers.read(tree.roots, bounds: bounds).isCut)
        bounds.visited = 0
        #expect(CgroupConsumers.read(tree.roots, bounds: bounds).isCut)
        bounds = CgroupConsumers.Bounds()
        bounds.depth = 1
        found = CgroupConsumers.read(tree.roots, bounds: bounds)
        #expect(found.isCut && found.consumers.first?.path == "/g39")
        #expect(found.consumers.count == 40)
    }

    @Test("Without the controller nothing is told, and garbage never traps")
    func garbage() throws {
        let tree = try FixtureTree()
        #expect(CgroupConsumers.read(tree.roots) == CgroupConsumers())
        try tree.write("cgroup/cgroup.controllers", "cpu io\n")
        #expect(CgroupConsumers.read(tree.roots).version == 0)
        try tree.write("cgroup/cgroup.controllers", "cpu memory\n")
        for text in ["", "max\n", "-1\n", "18446744073709551616\n", "18446744073709551615\n", "x"] {
            for name in ["a", "b"] {
                for file in ["memory.current", "memory.stat", "memory.max", "memory.high", "memory.events"] {
                    try tree.write("cgroup/\(name)/\(file)", text)
                    try tree.write("cgroup/\(name)/inner/\(file)", text)
                }
            }
            let found = CgroupConsumers.read(tree.roots)
            _ = TopSensor.report(found, LeakWatch())
            _ = found.consumers.map(\.demandBytes)
        }
    }

    @Test("The host's report carries the consumers, and of pressure only what there is")
    func report() throws {
        let tree = try FixtureTree(KernelFixture.v6_12.files)
        let report = TopSensor.read(tree.roots)
        #expect(report.cgroupVersion == 2)
        #expect(report.consumers.count == 5)
        let consumer = report.consumers[0]
        #expect(consumer.cgroup == "/system.slice/postgresql.service")
        #expect(consumer.currentBytes == 720 * mebibyte && consumer.anonymousBytes == 400 * mebibyte)
        #expect(consumer.fileBytes == 300 * mebibyte && consumer.shmemBytes == 200 * mebibyte)
        #expect(consumer.kernelBytes == 20 * mebibyte && consumer.swapBytes == 50 * mebibyte)
        #expect(consumer.limitBytes == 0 && consumer.oomKills == 2 && consumer.growthBytesPerHour == 0)
        #expect(consumer.pressure?.some?.totalMicroseconds == 700)
        #expect(report.consumers[3].limitBytes == 512 * mebibyte)
        try tree.write("cgroup/system.slice/postgresql.service/memory.pressure", "")
        #expect(TopSensor.read(tree.roots).consumers[0].pressure == nil)
    }

    @Test("The limit of a consumer is the tightest of it and the cgroups around it")
    func limitAround() throws {
        let tree = try FixtureTree(KernelFixture.v6_12.files)
        try tree.write("cgroup/system.slice/memory.max", "\(1000 * mebibyte)\n")
        let found = CgroupConsumers.read(tree.roots).consumers
        let mebibytes: [UInt64?] = [1000, 1000, nil, 512, nil]
        #expect(found.map { $0.limitBytes.map { $0 / mebibyte } } == mebibytes)
    }

    @Test("Long paths keep their end, in whole characters, and a report its bounds")
    func longPaths() {
        let most = "/" + String(repeating: "a", count: 255)
        #expect(TopSensor.short(most) == most)
        #expect(TopSensor.short(most + "b") == "..." + String(repeating: "a", count: 252) + "b")
        let umlauts = "/" + String(repeating: "\u{e4}", count: 300)
        #expect(TopSensor.short(umlauts) == "..." + String(repeating: "\u{e4}", count: 126))
        var found = CgroupConsumers()
        found.consumers = (0..<100).map { CgroupUse(path: "/g\($0)" + most) }
        found.leftOut = 5
        var watch = LeakWatch()
        for time in 0..<UInt64(90) {
            let groups = (0..<30).map { (path: "/l\($0)", demandBytes: time * 16 * mebibyte) }
            _ = watch.note(cgroups: groups, guest: 0, memory: 1 << 30, now: time * 60_000_000_000)
        }
        let report = TopSensor.report(found, watch)
        #expect(watch.leaks.count == 30)
        #expect(report.consumers.count == 64 && report.leaks.count == 16 && report.leftOut == 41)
        #expect(report.consumers.allSatisfy { $0.cgroup.utf8.count <= 256 })
    }

    @Test("Limits are found in the hierarchy that has the controller", arguments: KernelFixture.allCases)
    func limits(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        #expect(CgroupLimits.path(roots: tree.roots) == "/system.slice/ballast-agent.service")
        let limits = CgroupLimits.read("/system.slice/nginx.service", roots: tree.roots)
        #expect(limits.levels.map(\.path) == ["/system.slice/nginx.service", "/system.slice"])
        #expect(limits.levels[0].currentBytes == 130 * mebibyte)
        #expect(limits.headroomBytes == 382 * mebibyte)
        #expect(limits.levels[1].headroomBytes == nil)
        // Four top-level groups, one hit each; version 1 does not tell.
        #expect(CgroupKills.limitHits(tree.roots) == (kernel == .v5_10_cgroup1 ? 0 : 4))
    }
}
