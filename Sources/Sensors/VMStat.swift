import SystemPackage

/// Counters of `/proc/vmstat` since boot. What a kernel does not count is 0.
public struct VMStat: Sendable, Hashable {
    /// Anonymous pages that came back soon after they were reclaimed.
    public var refaultAnonymous: UInt64 = 0
    /// File pages that came back soon after they were reclaimed.
    public var refaultFile: UInt64 = 0
    /// Faults that had to wait for a disk.
    public var majorFaults: UInt64 = 0
    /// Processes killed by the OOM killer.
    public var oomKills: UInt64 = 0
    /// Pages read from swap.
    public var swappedIn: UInt64 = 0
    /// Pages written to swap.
    public var swappedOut: UInt64 = 0

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
        stat.majorFaults = table["pgmajfault"] ?? 0
        stat.oomKills = table["oom_kill"] ?? 0
        stat.swappedIn = table["pswpin"] ?? 0
        stat.swappedOut = table["pswpout"] ?? 0
        return stat
    }
}
