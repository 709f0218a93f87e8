import SystemPackage
import Testing

@testable import Sensors

private let mebibyte: UInt64 = 1 << 20
private let gibibyte: UInt64 = 1 << 30

@Suite("Who else ends programs when memory runs low")
struct KillerSensorTests {
    private static let measures = KillerMeasures(
        totalBytes: 10 * gibibyte, availableBytes: 4 * gibibyte, swapTotalBytes: 2 * gibibyte,
        swapFreeBytes: 2 * gibibyte, kubeletAvailableBytes: 3 * gibibyte)
    private static let withoutSwap = KillerMeasures(
        totalBytes: 10 * gibibyte, availableBytes: 4 * gibibyte, kubeletAvailableBytes: 3 * gibibyte)

    /// A tree with one process of this name and these arguments.
    private func tree(_ name: String, _ arguments: [String] = [], _ files: [String: String] = [:]) throws -> FixtureTree
    {
        let tree = try FixtureTree(files)
        try tree.write("proc/1/comm", "systemd\n")
        try tree.write("proc/4711/comm", name + "\n")
        try tree.write("proc/4711/cmdline", arguments.map { $0 + "\u{0}" }.joined())
        try tree.write("proc/meminfo", "MemTotal: 1 kB\n")
        return tree
    }

    private func roots(_ tree: FixtureTree) -> SensorRoots {
        SensorRoots(proc: tree.root.appending("proc"), root: tree.root)
    }

    private func rule(_ tree: FixtureTree, _ measures: KillerMeasures = Self.measures) throws -> KillerRule {
        let rules = KillerSensor.read(roots(tree), measures: measures)
        #expect(rules.count == 1)
        return try #require(rules.first)
    }

    @Test("Where none runs there is no rule, whatever is configured")
    func none() throws {
        let tree = try tree("bash", [], ["etc/systemd/oomd.conf": "[OOM]\n", "var/lib/kubelet/config.yaml": "x: y\n"])
        #expect(KillerSensor.read(roots(tree), measures: Self.measures).isEmpty)
        let empty = try FixtureTree()
        #expect(KillerSensor.read(roots(empty), measures: Self.measures).isEmpty)
    }

    @Test("systemd-oomd acts when memory and swap are used up, by its defaults")
    func oomdDefaults() throws {
        let rule = try rule(tree("systemd-oomd"))
        #expect(rule.kind == .systemdOomd && rule.source == "its defaults")
        #expect(rule.availableBytes == gibibyte)
        #expect(rule.swapFreeBytes == 2 * gibibyte / 10)
        #expect(rule.pressure == KillerRule.Pressure(limit: 6000, milliseconds: 30_000))
        // Swap is free: it would not act.
        #expect(rule.marginBytes(Self.measures) == nil)
        var now = Self.measures
        now.swapFreeBytes = 300 * mebibyte
        #expect(rule.marginBytes(now) == 3 * gibibyte)
        now.availableBytes = gibibyte / 2
        #expect(rule.marginBytes(now) == 0)
        #expect(rule.line(now)?.thresholdBytes == gibibyte)
    }

    @Test("systemd-oomd without swap looks at pressure only")
    func oomdWithoutSwap() throws {
        let rule = try rule(tree("systemd-oomd"), Self.withoutSwap)
        #expect(rule.availableBytes == nil && rule.swapFreeBytes == nil)
        #expect(rule.line(Self.withoutSwap) == nil)
        #expect(rule.detail.hasPrefix("without swap acts only after 30 s of more than 60 % pressure"))
    }

    @Test("Its main file, and drop-ins by name over all folders, set its limits")
    func oomdFiles() throws {
        let tree = try tree(
            "systemd-oomd", [],
            [
                "usr/lib/systemd/oomd.conf": "[OOM]\nSwapUsedLimit=50%\n",
                "etc/systemd/oomd.conf":
                    "# defaults\n[OOM]\n#SwapUsedLimit=90%\nSwapUsedLimit = 80%\n[Other]\nSwapUsedLimit=1%\n",
                "usr/lib/systemd/oomd.conf.d/10-a.conf": "[OOM]\nDefaultMemoryPressureLimit=70%\n",
                "etc/systemd/oomd.conf.d/10-a.conf": "[OOM]\nDefaultMemoryPressureDurationSec=1min 20s\n",
                "run/systemd/oomd.conf.d/20-b.conf": "[OOM]\nDefaultMemoryPressureLimit=55.5%\nSwapUsedLimit=rubbish\n",
                "usr/lib/systemd/system/-.slice.d/10-oomd.conf": "[Slice]\nManagedOOMSwap=kill\n",
                "etc/systemd/system/user@.service.d/x.conf":
                    "[Service]\nManagedOOMMemoryPressure=kill\nManagedOOMMemoryPressureLimit=50%\n",
                "etc/systemd/system/system.slice.d/x.conf": "[Slice]\nManagedOOMSwap=auto\n",
            ])
        let rule = try rule(tree)
        #expect(rule.availableBytes == 2 * gibibyte)
        #expect(rule.pressure == KillerRule.Pressure(limit: 5000, milliseconds: 80_000))
        #expect(rule.source == "/run/systemd/oomd.conf.d/20-b.conf")
        #expect(rule.detail.hasSuffix("on -.slice, user@.service"))
    }

    @Test(
        "earlyoom's limits follow its arguments",
        arguments: [
            ([], 1024, 204), (["-m", "20"], 2048, 204), (["-m20,10", "-s", "50,25"], 2048, 1024),
            (["-r", "3600", "-n", "-m", "5"], 512, 204), (["-M", "524288"], 512, 204),
            (["-M", "524288,100", "-m", "50"], 512, 204), (["-M", "9999999999999", "-m", "4"], 409, 204),
            (["--avoid", "-m", "-m", "8"], 819, 204), (["--prefer=-m 90", "-m", "8"], 819, 204),
            (["-nm", "8"], 819, 204), (["-m", "0"], 1024, 204), (["-m", "nan"], 1024, 204), (["-m"], 1024, 204),
            (["-S", "102400"], 1024, 100), (["-s", "100"], 1024, 2048), (["-N", "-m", "-m", "6"], 614, 204),
        ] as [([String], UInt64, UInt64)])
    func earlyoom(arguments: [String], memory: UInt64, swap: UInt64) throws {
        let rule = try rule(tree("earlyoom", ["/usr/bin/earlyoom"] + arguments))
        #expect(rule.kind == .earlyoom && rule.pressure == nil)
        #expect((rule.availableBytes ?? 0) / mebibyte == memory)
        #expect((rule.swapFreeBytes ?? 0) / mebibyte == swap)
        #expect(rule.source == "its arguments")
    }

    @Test("earlyoom waits for both memory and swap, and for memory alone without swap")
    func earlyoomSwap() throws {
        let tree = try tree("earlyoom", ["earlyoom"])
        var now = Self.measures
        let rule = try rule(tree)
        #expect(rule.marginBytes(now) == nil)
        now.swapFreeBytes = 0
        #expect(rule.marginBytes(now) == 3 * gibibyte)
        let alone = try self.rule(tree, Self.withoutSwap)
        #expect(alone.swapFreeBytes == nil && alone.marginBytes(Self.withoutSwap) == 3 * gibibyte)
    }

    @Test("Where earlyoom's arguments cannot be read its service's count")
    func earlyoomDefaults() throws {
        let tree = try tree("earlyoom", [], ["etc/default/earlyoom": "# -m 99\nEARLYOOM_ARGS=\"-r 60 -m 15\"\n"])
        let rule = try rule(tree)
        #expect(rule.availableBytes == 10 * gibibyte * 15 / 100)
        #expect(rule.source == "/etc/default/earlyoom")
    }

    @Test("The kubelet's own measure counts page cache in use as used")
    func kubeletDefaults() throws {
        let rule = try rule(tree("kubelet", ["/usr/bin/kubelet"]))
        #expect(rule.kind == .kubelet && rule.availableBytes == 100 * mebibyte)
        #expect(rule.line(Self.measures)?.availableBytes == 3 * gibibyte)
        #expect(rule.marginBytes(Self.measures) == 3 * gibibyte - 100 * mebibyte)
        #expect(rule.source == "its defaults")
    }

    @Test(
        "The kubelet's file is understood in block style, in braces and as JSON",
        arguments: [
            (
                "kind: KubeletConfiguration\nevictionHard:\n  memory.available: \"500Mi\"\n  nodefs.available: 10%\nx: 1\n",
                500
            ),
            (
                "evictionHard:\n    nodefs.available: 10%\n    # memory.available: 9Gi\n    memory.available: 5%  # of 10 GiB\n",
                512
            ),
            ("evictionHard: {memory.available: 1Gi, nodefs.available: 10%}\n", 1024),
            (
                "{\n \"evictionHard\": {\n  \"nodefs.available\": \"10%\",\n  \"memory.available\": \"256Mi\"\n },\n}\n",
                256
            ),
            ("evictionHard:\n  memory.available: 200Mi\nevictionSoft:\n  memory.available: 700Mi\n", 700),
            ("evictionHard:\n  nodefs.available: 10%\nmemory.available: 900Mi\n", nil),
            ("evictionHard:\n  nodefs.available: 10%\nmergeDefaultEvictionSettings: true\n", 100),
            ("evictionHard: {}\n", nil), ("evictionHard:\n", nil), ("", 100), (":\n  {{{\n\u{0}", 100),
            ("evictionHard: {memory.available: 1Gi", 1024), ("evictionHard:\n  memory.available: -5Mi\n", nil),
            ("evictionHard:\n  memory.available: 150%\n", nil), ("evictionHard:\r\n  memory.available: 128Mi\r\n", 128),
        ] as [(String, UInt64?)])
    func kubeletFile(text: String, mebibytes: UInt64?) throws {
        let tree = try tree("kubelet", ["kubelet"], ["var/lib/kubelet/config.yaml": text])
        #expect(try rule(tree).availableBytes.map { $0 / mebibyte } == mebibytes)
    }

    @Test("The kubelet's arguments count more than its files")
    func kubeletArguments() throws {
        let tree = try tree(
            "kubelet",
            [
                "kubelet", "--config", "/etc/kubelet.yaml", "--config-dir=/etc/kubelet.d",
                "--eviction-soft=memory.available<1.5Gi", "--eviction-soft-grace-period=memory.available=1m30s",
            ],
            [
                "etc/kubelet.yaml": "evictionHard:\n  memory.available: 200Mi\n",
                "etc/kubelet.d/90.conf": "evictionHard:\n  memory.available: 300Mi\n",
                "var/lib/kubelet/config.yaml": "evictionHard:\n  memory.available: 9Gi\n",
            ])
        let rule = try rule(tree)
        #expect(rule.availableBytes == 1536 * mebibyte)
        #expect(rule.detail.hasPrefix("evicts below 300Mi available at once, below 1.5Gi after 1m30s"))
        let other = try self.tree("kubelet", ["kubelet", "--eviction-hard=nodefs.available<5%,memory.available<10%"])
        #expect(try self.rule(other).availableBytes == gibibyte)
        let none = try self.tree("kubelet", ["kubelet", "--eviction-hard", "nodefs.available<5%"])
        #expect(try self.rule(none).availableBytes == nil)
        #expect(try self.rule(none).detail == "has no limit of memory")
    }

    @Test("k3s takes its limits from its own file or arguments as well")
    func k3s() throws {
        #expect(try rule(tree("k3s-server", ["/usr/local/bin/k3s server"])).availableBytes == 100 * mebibyte)
        let file = "node-label:\n  - a=b\nkubelet-arg:\n  - \"eviction-hard=memory.available<400Mi\"\n"
        let configured = try tree("k3s-server", ["k3s", "server"], ["etc/rancher/k3s/config.yaml": file])
        #expect(try rule(configured).availableBytes == 400 * mebibyte)
        let argument = try tree("k3s", ["k3s", "server", "--kubelet-arg=eviction-hard=memory.available<250Mi"])
        #expect(try rule(argument).availableBytes == 250 * mebibyte)
    }

    @Test("What the kubelet measures follows from meminfo, and in version 1 from the root cgroup")
    func measures() throws {
        let tree = try FixtureTree(KernelFixture.v6_1.files)
        let now = try KillerMeasures.read(tree.roots)
        #expect(now.availableBytes == 2_500_000 << 10 && now.totalBytes == 4_020_000 << 10)
        #expect(now.swapTotalBytes == 1_048_572 << 10 && now.swapFreeBytes == 948_572 << 10)
        #expect(now.kubeletAvailableBytes == 1_800_000 << 10)
        let old = try FixtureTree(KernelFixture.v5_10_cgroup1.files)
        #expect(try KillerMeasures.read(old.roots).kubeletAvailableBytes == (4_020_000 << 10) - (2246 - 600) * mebibyte)
    }

    @Test(
        "Amounts, shares and spans are read, and nothing else",
        arguments: [
            ("100Mi", 100 << 20), ("1.5Gi", 3 << 29), ("5%", 50), ("0.5%", 5), ("1e3", 1000), ("500k", 500_000),
            ("2Ki", 2048), ("7", 7), ("1500m", 1), ("", nil), ("Mi", nil), ("-1", nil), ("1Xi", nil), ("%", nil),
            ("1e400", nil), ("99999999999999999999Ti", .max), ("nan", nil), ("inf", nil), ("101%", nil), ("0x10", 16),
        ] as [(String, UInt64?)])
    func quantities(text: String, bytes: UInt64?) {
        #expect(Quantity.bytes(text, of: 1000) == bytes)
    }

    @Test(
        "Spans of time are read as systemd and Kubernetes write them",
        arguments: [
            ("30", 30_000), ("30s", 30_000), ("1min 30s", 90_000), ("1m30s", 90_000), ("500ms", 500), ("2h", 7_200_000),
            ("", nil), ("s", nil), ("1x", nil), ("-1", nil), ("99999999999999999999", nil),
            ("18446744073709551615h", .max),
        ] as [(String, UInt64?)])
    func spans(text: String, milliseconds: UInt64?) {
        #expect(TimeSpan.milliseconds(text) == milliseconds)
    }

    @Test("A configuration that is a pipe or a folder is passed over")
    func noFile() throws {
        let tree = try tree("kubelet", ["kubelet", "--config=/var"], ["var/x": ""])
        #expect(try rule(tree).availableBytes == 100 * mebibyte)
    }
}
