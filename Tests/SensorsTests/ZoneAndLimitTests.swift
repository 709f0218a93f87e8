import Sensors
import SystemPackage
import Testing

private let page: UInt64 = 4096

@Suite("Zones, cgroup limits and overcommit")
struct ZoneAndLimitTests {
    @Test("Zones are read without the page sets' numbers", arguments: [Fixtures.zoneinfo61, Fixtures.zoneinfo612])
    func zones(text: String) throws {
        let tree = try FixtureTree(["proc/zoneinfo": text])
        let info = try ZoneInfo.read(tree.roots)
        #expect(info.zones.map(\.name) == ["DMA", "DMA32", "Normal", "Movable", "Device"])
        #expect(info.hasMovable)
        #expect(info.cmaBytes == 16384 * page)
        let zone = info.zones[1]
        #expect(zone.node == 0)
        #expect(zone.free == 101_000 * page)
        #expect(zone.minimum == 2809 * page)
        #expect(zone.low == 3511 * page)
        #expect(zone.high == 4213 * page)
        #expect(zone.present == 126_976 * page)
        #expect(zone.managed == 122_110 * page)
        #expect(zone.cma == 16384 * page)
        #expect(zone.freeCMA == 15000 * page)
        #expect(zone.inactiveFile == 500 * page)
        #expect(zone.activeFile == 300 * page)
        // The entry for zone Normal, the third of the node.
        #expect(zone.reserve == 21 * page)
        #expect(info.zones[0].reserve == 476 * page)
        #expect(info.zones[0].high == 129 * page)
        #expect(info.zones[3].managed == 377_988 * page)
    }

    @Test("Two nodes keep their zones apart")
    func nodes() throws {
        let text = Fixtures.zoneinfo61 + Fixtures.zoneinfo61.replacing("Node 0", "Node 1")
        let tree = try FixtureTree(["proc/zoneinfo": text])
        let info = try ZoneInfo.read(tree.roots)
        #expect(info.zones.map(\.node) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
        #expect(info.zones[6].reserve == 21 * page)
    }

    @Test("Garbage never traps and is refused where it has no zone")
    func garbage() throws {
        let tree = try FixtureTree()
        #expect(throws: SensorError.self) { try ZoneInfo.read(tree.roots) }
        for text in ["", "x\n", "  pages free 3\n", "Node x, zone DMA\n", "Node , zone Normal\n"] {
            try tree.write("proc/zoneinfo", text)
            #expect(throws: SensorError.self) { try ZoneInfo.read(tree.roots) }
        }
        let huge = "18446744073709551615"
        try tree.write(
            "proc/zoneinfo",
            "Node 0, zone Normal\n pages free \(huge)\n high \(huge)0\n cma 4503599627370495\n"
                + " protection: (\(huge), ,x,()\n protection:\nNode 0, zone DMA\n cma 4503599627370495\n")
        let info = try ZoneInfo.read(tree.roots)
        #expect(info.zones.map(\.free) == [0, 0])
        _ = info.cmaBytes
    }

    @Test("The tightest limit of the cgroup and its ancestors counts")
    func cgroupLimits() throws {
        let tree = try FixtureTree([
            "proc/self/cgroup": "0::/ballast.slice/holders.slice/h0.scope\n", "cgroup/cgroup.controllers": "memory\n",
            "cgroup/ballast.slice/memory.max": "1000000\n", "cgroup/ballast.slice/memory.high": "max\n",
            "cgroup/ballast.slice/memory.current": "400000\n",
            "cgroup/ballast.slice/holders.slice/memory.max": "max\n",
            "cgroup/ballast.slice/holders.slice/memory.high": "500000\n",
            "cgroup/ballast.slice/holders.slice/memory.current": "300000\n",
            "cgroup/ballast.slice/holders.slice/h0.scope/memory.max": "max\n",
            "cgroup/ballast.slice/holders.slice/h0.scope/memory.high": "max\n",
            "cgroup/ballast.slice/holders.slice/h0.scope/memory.current": "5\n",
        ])
        let path = try #require(CgroupLimits.path(roots: tree.roots))
        #expect(path == "/ballast.slice/holders.slice/h0.scope")
        let limits = CgroupLimits.read(path, roots: tree.roots)
        #expect(limits.levels.map(\.path) == [path, "/ballast.slice/holders.slice", "/ballast.slice"])
        #expect(limits.levels.map(\.headroomBytes) == [nil, 200_000, 600_000])
        #expect(limits.headroomBytes == 200_000)
        try tree.write("cgroup/ballast.slice/memory.current", "2000000\n")
        #expect(CgroupLimits.read(path, roots: tree.roots).headroomBytes == 0)
    }

    @Test("Without v2, without the memory controller, at the root: no limits")
    func noLimits() throws {
        let tree = try FixtureTree(["proc/self/cgroup": "4:memory:/x\n0::/\n", "proc/7/cgroup": "1:cpu:/x\n"])
        #expect(CgroupLimits.path(roots: tree.roots) == "/")
        #expect(CgroupLimits.path(ofProcess: 7, roots: tree.roots) == nil)
        #expect(CgroupLimits.path(ofProcess: 8, roots: tree.roots) == nil)
        #expect(CgroupLimits.read("/x", roots: tree.roots).levels.isEmpty)
        try tree.write("cgroup/unified/cgroup.controllers", "\n")
        #expect(CgroupLimits.read("/", roots: tree.roots).levels.isEmpty)
        #expect(CgroupLimits.read("/x", roots: tree.roots).headroomBytes == nil)
        try tree.write("cgroup/unified/x/memory.max", "7\n")
        #expect(CgroupLimits.read("/x", roots: tree.roots).headroomBytes == 7)
        #expect(CgroupLimits.read("/../../x", roots: tree.roots).headroomBytes == 7)
        try tree.write("cgroup/unified/x/memory.max", "99999999999999999999\n")
        #expect(CgroupLimits.read("/x", roots: tree.roots).headroomBytes == nil)
        try tree.write("proc/self/cgroup", "0::/gone.scope (deleted)\n")
        #expect(CgroupLimits.path(roots: tree.roots) == "/gone.scope")
        let deep = String(repeating: "/a", count: 100_000)
        #expect(CgroupLimits.read(deep, roots: tree.roots).levels.isEmpty)
    }

    @Test(
        "The overcommit mode is read, heuristic where it is unknown",
        arguments: [
            ("0\n", .heuristic), ("1\n", .always), ("2\n", .strict), ("3\n", .heuristic), ("", .heuristic),
            ("x", .heuristic), ("99999999999999999999", .heuristic),
        ] as [(String, OvercommitMode)])
    func overcommit(text: String, mode: OvercommitMode) throws {
        let tree = try FixtureTree()
        #expect(OvercommitMode.read(tree.roots) == .heuristic)
        try tree.write("proc/sys/vm/overcommit_memory", text)
        #expect(OvercommitMode.read(tree.roots) == mode)
    }
}
