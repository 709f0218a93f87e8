import SystemPackage

/// Counters of `/proc/vmstat` since boot. What a kernel does not count is 0.
public struct VMStat: Sendable, Hashable {
    /// Anonymous pages that came back soon after they were reclaimed.
    public var refaultAnonymous: UInt64 = 0
    /// File pages that came back soon after they were reclaimed.
    public var refaultFile: UInt64 = 0
    /// Refaulted anonymous pages that belong to the working set.
    public var activatedAnonymous: UInt64 = 0
    /// Refaulted file pages that belong to the working set.
    public var activatedFile: UInt64 = 0
    /// Faults that had to wait for a disk.
    public var majorFaults: UInt64 = 0
    /// Processes killed by the OOM killer.
    public var oomKills: UInt64 = 0
    /// Pages read from swap.
    public var swappedIn: UInt64 = 0
    /// Pages written to swap.
    public var swappedOut: UInt64 = 0
    /// Pages that tasks looked at to find memory for themselves. Kernels that do not count proactive reclaim apart
    /// (`pgscan_proactive`) count what is asked for through `memory.reclaim` here.
    public var directScanned: UInt64 = 0
    /// Pages that tasks reclaimed for themselves; `memory.reclaim` as with `directScanned`.
    public var directReclaimed: UInt64 = 0
    /// Pages that kswapd looked at.
    public var backgroundScanned: UInt64 = 0
    /// Pages that kswapd reclaimed.
    public var backgroundReclaimed: UInt64 = 0
    /// Allocations that had to reclaim first, of all zones.
    public var allocationStalls: UInt64 = 0
    /// Allocations that had to compact first.
    public var compactionStalls: UInt64 = 0
    /// Pages that went into balloons of the kernel's drivers (virtio-balloon and others).
    public var balloonInflated: UInt64 = 0
    /// Pages that came out of such balloons.
    public var balloonDeflated: UInt64 = 0
    /// Pages that compaction moved inside such balloons.
    public var balloonMigrated: UInt64 = 0

    /// Every counter at 0.
    public init() {}

    /// Reads the file.
    public static func read(_ roots: SensorRoots = SensorRoots()) throws(SensorError) -> VMStat {
        parse(try TextFile.read(roots.proc.appending("vmstat")))
    }

    static func parse(_ bytes: [UInt8]) -> VMStat {
        let table = NumberTable(bytes)
        var stat = VMStat()
        stat.refaultAnonymous = table["workingset_refault_anon"] ?? 0
        // Kernels before 5.9 count file pages only, under the short name.
        stat.refaultFile = table["workingset_refault_file"] ?? table["workingset_refault"] ?? 0
        stat.activatedAnonymous = table["workingset_activate_anon"] ?? 0
        stat.activatedFile = table["workingset_activate_file"] ?? table["workingset_activate"] ?? 0
        stat.majorFaults = table["pgmajfault"] ?? 0
        stat.oomKills = table["oom_kill"] ?? 0
        stat.swappedIn = table["pswpin"] ?? 0
        stat.swappedOut = table["pswpout"] ?? 0
        stat.directScanned = table.sum("pgscan_direct")
        stat.directReclaimed = table.sum("pgsteal_direct")
        stat.backgroundScanned = table.sum("pgscan_kswapd")
        stat.backgroundReclaimed = table.sum("pgsteal_kswapd")
        stat.allocationStalls = table.sum("allocstall")
        stat.compactionStalls = table["compact_stall"] ?? 0
        stat.balloonInflated = table["balloon_inflate"] ?? 0
        stat.balloonDeflated = table["balloon_deflate"] ?? 0
        stat.balloonMigrated = table["balloon_migrate"] ?? 0
        return stat
    }
}
