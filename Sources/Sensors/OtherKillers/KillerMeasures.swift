import SystemPackage

/// What other killers measure, at one time, in bytes.
public struct KillerMeasures: Sendable, Hashable {
    /// MemTotal.
    public var totalBytes: UInt64
    /// MemAvailable: systemd-oomd and earlyoom.
    public var availableBytes: UInt64
    /// SwapTotal.
    public var swapTotalBytes: UInt64
    /// SwapFree.
    public var swapFreeBytes: UInt64
    /// `memory.available` of the kubelet: capacity less the root cgroup's working set, which is its usage without
    /// inactive file pages. Page cache in use counts as used, so it is less than MemAvailable.
    public var kubeletAvailableBytes: UInt64

    /// Measures by name.
    public init(
        totalBytes: UInt64, availableBytes: UInt64, swapTotalBytes: UInt64 = 0, swapFreeBytes: UInt64 = 0,
        kubeletAvailableBytes: UInt64? = nil
    ) {
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
        self.swapTotalBytes = swapTotalBytes
        self.swapFreeBytes = swapFreeBytes
        self.kubeletAvailableBytes = kubeletAvailableBytes ?? availableBytes
    }

    /// Reads `/proc/meminfo` and, on version 1 cgroups, the root's usage.
    public static func read(_ roots: SensorRoots = SensorRoots()) throws(SensorError) -> KillerMeasures {
        let info = try MemoryInfo.read(roots)
        return KillerMeasures(
            totalBytes: info.total, availableBytes: info.available, swapTotalBytes: info.swapTotal,
            swapFreeBytes: info.swapFree, kubeletAvailableBytes: kubelet(info, roots))
    }

    /// In version 2 the root has no usage of its own. Some kubelets take all memory that is not free for it, others
    /// anonymous memory and page cache; the first is the larger, and so the safe one.
    private static func kubelet(_ info: MemoryInfo, _ roots: SensorRoots) -> UInt64 {
        guard let hierarchy = CgroupHierarchy.memory(roots), hierarchy.version == 1,
            let usage = CgroupReader(hierarchy: hierarchy, roots: roots).current(hierarchy.root),
            let stat = try? TextFile.read(hierarchy.root.appending("memory.stat"), limit: 1 << 16)
        else { return info.free.adding(info.inactiveFile) }
        let inactive = NumberTable(stat)["total_inactive_file"] ?? 0
        return info.total.less(usage.less(inactive))
    }
}
