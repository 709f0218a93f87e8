import SystemPackage

/// What came back after it was reclaimed: counters of `/proc/vmstat` since boot, in pages of 4 KiB.
public struct RefaultCounters: Sendable, Hashable {
    /// Evicted file pages that were read again (workingset_refault_file).
    public var refaultedFile: UInt64 = 0
    /// Evicted anonymous pages that were read again (workingset_refault_anon).
    public var refaultedAnonymous: UInt64 = 0
    /// Of both, those that came back so soon that they belong to the working set (workingset_activate).
    public var activated: UInt64 = 0
    /// Of both, those that were in the working set before (workingset_restore).
    public var restored: UInt64 = 0
    /// Pages that reclaim took (pgsteal).
    public var reclaimed: UInt64 = 0

    /// Every counter at 0.
    public init() {}

    /// Reads the counters; nil where `/proc/vmstat` cannot be read.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> RefaultCounters? {
        guard let bytes = try? TextFile.read(roots.proc.appending("vmstat")) else { return nil }
        return parse(NumberTable(bytes))
    }

    static func parse(_ table: NumberTable) -> RefaultCounters {
        func sum(_ names: String...) -> UInt64 { names.reduce(0 as UInt64) { $0.adding(table[$1] ?? 0) } }
        var counters = RefaultCounters()
        // Kernels before 5.9 count file pages only, under the short names.
        counters.refaultedFile = sum("workingset_refault_file", "workingset_refault")
        counters.refaultedAnonymous = sum("workingset_refault_anon")
        counters.activated = sum("workingset_activate_file", "workingset_activate_anon", "workingset_activate")
        counters.restored = sum("workingset_restore_file", "workingset_restore_anon", "workingset_restore")
        counters.reclaimed = sum("pgsteal_kswapd", "pgsteal_direct", "pgsteal_khugepaged", "pgsteal_proactive")
        return counters
    }

    /// The counts since an earlier reading.
    public func since(_ earlier: RefaultCounters) -> RefaultCounters {
        var counters = RefaultCounters()
        counters.refaultedFile = refaultedFile.less(earlier.refaultedFile)
        counters.refaultedAnonymous = refaultedAnonymous.less(earlier.refaultedAnonymous)
        counters.activated = activated.less(earlier.activated)
        counters.restored = restored.less(earlier.restored)
        counters.reclaimed = reclaimed.less(earlier.reclaimed)
        return counters
    }
}
