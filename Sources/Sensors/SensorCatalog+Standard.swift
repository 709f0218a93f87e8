import SystemPackage
public import Wire

extension SensorCatalog {
    /// The sensors of this module but those of the working set.
    public static let standard = SensorCatalog(entries: [
        Entry("memory") { roots in
            outcome("/proc/meminfo") { () throws(SensorError) in _ = try MemoryInfo.read(roots) }
        },
        Entry("counters") { roots in
            outcome("/proc/vmstat") { () throws(SensorError) in _ = try VMStat.read(roots) }
        },
        Entry("zones") { roots in
            outcome("/proc/zoneinfo") { () throws(SensorError) in _ = try ZoneInfo.read(roots) }
        },
        Entry("nodes") { roots in
            let nodes = NodeInfo.read(roots).count
            return nodes > 0
                ? .available("\(nodes) NUMA \(nodes == 1 ? "node" : "nodes")")
                : .missing("no node under /sys/devices/system/node: this kernel has no NUMA support (CONFIG_NUMA)")
        },
        Entry("free-blocks") { roots in blocks(roots) },
        Entry("huge-pages") { roots in hugePages(HugePages.read(roots)) },
        Entry("swap") { roots in
            let areas = SwapInfo.read(roots).areas
            return areas.isEmpty
                ? .missing("no swap area in /proc/swaps") : .available(areas.map(\.path).joined(separator: ", "))
        },
        Entry("zswap") { roots in
            guard let zswap = SwapInfo.read(roots).zswap else { return .missing("this kernel has no zswap") }
            return zswap.isEnabled ? .available(zswap.compressor) : .missing("zswap is switched off")
        },
        Entry("zram") { roots in
            let devices = SwapInfo.read(roots).zram
            return devices.isEmpty
                ? .missing("no zram device") : .available(devices.map(\.name).joined(separator: ", "))
        },
        Entry("pressure") { roots in pressure(PressureSensor.systemFile(roots)) },
        Entry("cgroups") { roots in
            guard let hierarchy = CgroupHierarchy.memory(roots) else {
                return .missing("no cgroup hierarchy with the memory controller is mounted")
            }
            return .available("version \(hierarchy.version)")
        },
        Entry("cgroup-pressure") { roots in cgroupPressure(roots) },
        Entry("other-killers") { roots in
            guard let measures = try? KillerMeasures.read(roots) else {
                return .missing("/proc/meminfo cannot be read")
            }
            let rules = KillerSensor.read(roots, measures: measures)
            return .available(
                rules.isEmpty
                    ? "none of systemd-oomd, kubelet and earlyoom runs"
                    : rules.map { "\($0.kind.rawValue) \($0.detail)" }.joined(separator: "; "))
        },
    ])

    /// What the host is told: at most 32 sensors.
    public static func report(_ states: [State]) -> SensorList {
        SensorList(
            sensors: states.prefix(32).map { SensorState(name: $0.name, available: $0.isAvailable, detail: $0.detail) })
    }

    private static func outcome(_ file: String, _ read: () throws(SensorError) -> Void) -> Availability {
        do {
            try read()
            return .available(file)
        } catch {
            return .missing(error.description)
        }
    }

    private static func blocks(_ roots: SensorRoots) -> Availability {
        do throws(SensorError) {
            let blocks = try BuddyInfo.read(roots, mobility: true)
            return .available(
                blocks.knowsMobility
                    ? "/proc/buddyinfo and /proc/pagetypeinfo"
                    : "/proc/buddyinfo; /proc/pagetypeinfo cannot be read, so what compaction could join is an upper bound"
            )
        } catch {
            return .missing(error.description)
        }
    }

    private static func hugePages(_ pages: HugePages) -> Availability {
        var parts: [String] = []
        if let transparent = pages.transparent { parts.append("transparent: \(transparent.enabled)") }
        for pool in pages.pools { parts.append("\(pool.pages) of \(pool.pageBytes >> 10) KiB") }
        return parts.isEmpty ? .missing("this kernel has no huge pages") : .available(parts.joined(separator: ", "))
    }

    private static func pressure(_ file: FilePath) -> Availability {
        do throws(SensorError) {
            guard PressureSensor.parse(try TextFile.read(file, limit: 4096)).available else {
                return .missing("\(file) tells no pressure")
            }
            return .available(file.string)
        } catch {
            return .missing(
                error.errno == .noSuchFileOrDirectory
                    ? "this kernel has no PSI (CONFIG_PSI), or it is switched off: boot with psi=1"
                    : error.errno == .notSupported
                        ? "the kernel has PSI but it is switched off: boot with psi=1" : error.description)
        }
    }

    private static func cgroupPressure(_ roots: SensorRoots) -> Availability {
        guard let root = CgroupHierarchy.unified(roots) else {
            return .missing("no version 2 cgroup hierarchy is mounted, which alone has memory.pressure")
        }
        // The root has the file on some kernels only; its children have it on all.
        let folders = [root] + Folder.names(in: root, onlyFolders: true, limit: 16).map { root.appending($0) }
        let found = folders.contains { PressureSensor.read(file: $0.appending("memory.pressure")).available }
        return found ? .available(root.string) : .missing("no cgroup under \(root) tells its pressure")
    }
}
