import SystemPackage

/// Reads the memory files of single cgroups, in either version.
struct CgroupReader {
    let hierarchy: CgroupHierarchy
    let roots: SensorRoots

    /// All memory charged to a cgroup, in bytes; nil where there is no such number: in the root of version 2.
    func current(_ folder: FilePath) -> UInt64? {
        number(folder.appending(hierarchy.version == 2 ? "memory.current" : "memory.usage_in_bytes"))
    }

    /// Everything that is told of a cgroup.
    func use(_ path: String, _ folder: FilePath) -> CgroupUse {
        var use = CgroupUse(path: path)
        if let stat = table(folder.appending("memory.stat")) {
            if hierarchy.version == 2 { note2(stat, &use) } else { note1(stat, &use) }
        }
        use.currentBytes = current(folder) ?? use.anonymousBytes.adding(use.fileBytes).adding(use.kernelBytes)
        if hierarchy.version == 2 {
            use.swapBytes = number(folder.appending("memory.swap.current")) ?? 0
            use.oomKills = table(folder.appending("memory.events"))?["oom_kill"] ?? 0
        } else {
            use.kernelBytes = number(folder.appending("memory.kmem.usage_in_bytes")) ?? 0
            use.oomKills = table(folder.appending("memory.oom_control"))?["oom_kill"] ?? 0
        }
        use.limitBytes = limit(folder)
        use.pressure = PressureSensor.read(cgroup: path, roots: roots)
        return use
    }

    /// The tightest of a cgroup's own limits, in bytes; nil without.
    func limit(_ folder: FilePath) -> UInt64? {
        guard hierarchy.version == 2 else { return Self.limit(number(folder.appending("memory.limit_in_bytes"))) }
        return [number(folder.appending("memory.max")), number(folder.appending("memory.high"))].compactMap { $0 }.min()
    }

    private func note2(_ table: NumberTable, _ use: inout CgroupUse) {
        use.anonymousBytes = table["anon"] ?? 0
        use.fileBytes = table["file"] ?? 0
        use.shmemBytes = table["shmem"] ?? 0
        // The sum is told since Linux 5.18; pagetables since 5.11.
        use.kernelBytes =
            table["kernel"]
            ?? ["kernel_stack", "pagetables", "percpu", "slab", "vmalloc"].reduce(0) { $0.adding(table[$1] ?? 0) }
        use.kernelReclaimableBytes = min(table["slab_reclaimable"] ?? 0, use.kernelBytes)
    }

    /// Those that begin with `total_` count the cgroups below as well.
    private func note1(_ table: NumberTable, _ use: inout CgroupUse) {
        use.anonymousBytes = table["total_rss"] ?? table["rss"] ?? 0
        use.fileBytes = table["total_cache"] ?? table["cache"] ?? 0
        use.shmemBytes = table["total_shmem"] ?? table["shmem"] ?? 0
        use.swapBytes = table["total_swap"] ?? table["swap"] ?? 0
    }

    /// Version 1 tells no limit as the largest number of whole pages.
    static func limit(_ bytes: UInt64?) -> UInt64? {
        bytes.flatMap { $0 >= UInt64(Int64.max) - 0xFFFF ? nil : $0 }
    }

    private func table(_ file: FilePath) -> NumberTable? {
        (try? TextFile.read(file, limit: 1 << 16)).map { NumberTable($0) }
    }

    /// A number of bytes; nil for `max` and for what cannot be read.
    private func number(_ file: FilePath) -> UInt64? {
        (try? TextFile.line(file)).flatMap { UInt64($0) }
    }
}
