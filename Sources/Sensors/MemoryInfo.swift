import SystemPackage

/// `/proc/meminfo`, in bytes. What a kernel does not tell is 0, but for total, free and available memory, without
/// which nothing can be judged.
public struct MemoryInfo: Sendable, Hashable {
    /// MemTotal.
    public var total: UInt64 = 0
    /// MemFree.
    public var free: UInt64 = 0
    /// MemAvailable.
    public var available: UInt64 = 0
    /// Buffers.
    public var buffers: UInt64 = 0
    /// Cached, which includes shmem.
    public var cached: UInt64 = 0
    /// AnonPages.
    public var anonymous: UInt64 = 0
    /// Shmem.
    public var shmem: UInt64 = 0
    /// SReclaimable.
    public var slabReclaimable: UInt64 = 0
    /// Mlocked.
    public var locked: UInt64 = 0
    /// SwapTotal.
    public var swapTotal: UInt64 = 0
    /// SwapFree.
    public var swapFree: UInt64 = 0
    /// SwapCached.
    public var swapCached: UInt64 = 0
    /// CommitLimit.
    public var commitLimit: UInt64 = 0
    /// Committed_AS.
    public var committed: UInt64 = 0
    /// CmaTotal; 0 also where the kernel has no contiguous memory allocator.
    public var cmaTotal: UInt64 = 0
    /// CmaFree.
    public var cmaFree: UInt64 = 0
    /// Active(anon), shmem included.
    public var activeAnonymous: UInt64 = 0
    /// Inactive(anon), shmem included.
    public var inactiveAnonymous: UInt64 = 0
    /// Active(file).
    public var activeFile: UInt64 = 0
    /// Inactive(file).
    public var inactiveFile: UInt64 = 0
    /// Unevictable, mlocked memory included.
    public var unevictable: UInt64 = 0
    /// Dirty: waits to be written to a disk.
    public var dirty: UInt64 = 0
    /// Writeback: is being written to a disk.
    public var writeback: UInt64 = 0
    /// Mapped: file pages in page tables.
    public var mapped: UInt64 = 0
    /// KReclaimable: what the kernel would give back under pressure, SReclaimable included.
    public var kernelReclaimable: UInt64 = 0
    /// SUnreclaim.
    public var slabUnreclaimable: UInt64 = 0
    /// KernelStack.
    public var kernelStacks: UInt64 = 0
    /// PageTables.
    public var pageTables: UInt64 = 0
    /// SecPageTables, since Linux 6.1.
    public var secondaryPageTables: UInt64 = 0
    /// Percpu.
    public var perProcessor: UInt64 = 0
    /// AnonHugePages.
    public var anonymousHuge: UInt64 = 0
    /// ShmemHugePages.
    public var shmemHuge: UInt64 = 0
    /// FileHugePages.
    public var fileHuge: UInt64 = 0
    /// Zswap: memory that the pool of compressed pages takes, since Linux 5.19.
    public var zswap: UInt64 = 0
    /// Zswapped: what these pages would take uncompressed, since Linux 5.19.
    public var zswapped: UInt64 = 0
    /// Balloon: pages in balloons of the kernel's drivers, since Linux 6.16.
    public var balloon: UInt64 = 0
    /// Hugetlb: memory in pools of huge pages of every size.
    public var hugetlb: UInt64 = 0
    /// HugePages_Total, in pages.
    public var hugePagesTotal: UInt64 = 0
    /// HugePages_Free, in pages.
    public var hugePagesFree: UInt64 = 0
    /// HugePages_Rsvd, in pages.
    public var hugePagesReserved: UInt64 = 0
    /// Hugepagesize.
    public var hugePageSize: UInt64 = 0

    /// What only its users can give back, in bytes: anonymous memory and shmem, in memory or swapped out, and kernel
    /// memory that reclaim does not shrink.
    /// - Parameter held: memory of our own balloon, which looks like anonymous memory, in bytes.
    public func demandBytes(held: UInt64 = 0) -> UInt64 {
        let swapped = swapTotal.less(swapFree).less(swapCached)
        return anonymous.less(held).adding(shmem).adding(swapped).adding(slabUnreclaimable).adding(kernelStacks)
            .adding(pageTables).adding(secondaryPageTables).adding(perProcessor)
    }

    /// Every number at 0.
    public init() {}

    /// Reads the file.
    public static func read(_ roots: SensorRoots = SensorRoots()) throws(SensorError) -> MemoryInfo {
        let path = roots.proc.appending("meminfo")
        return try parse(try TextFile.read(path), path: path)
    }

    static func parse(_ bytes: [UInt8], path: FilePath) throws(SensorError) -> MemoryInfo {
        let table = NumberTable(bytes)
        func needed(_ name: String) throws(SensorError) -> UInt64 {
            guard let value = table[name] else { throw SensorError(.malformed, path: path, field: name) }
            return value
        }
        var info = MemoryInfo()
        info.total = try needed("MemTotal")
        info.free = try needed("MemFree")
        info.available = try needed("MemAvailable")
        info.buffers = table["Buffers"] ?? 0
        info.cached = table["Cached"] ?? 0
        info.anonymous = table["AnonPages"] ?? 0
        info.shmem = table["Shmem"] ?? 0
        info.slabReclaimable = table["SReclaimable"] ?? 0
        info.locked = table["Mlocked"] ?? 0
        info.swapTotal = table["SwapTotal"] ?? 0
        info.swapFree = table["SwapFree"] ?? 0
        info.swapCached = table["SwapCached"] ?? 0
        info.commitLimit = table["CommitLimit"] ?? 0
        info.committed = table["Committed_AS"] ?? 0
        info.cmaTotal = table["CmaTotal"] ?? 0
        info.cmaFree = table["CmaFree"] ?? 0
        info.activeAnonymous = table["Active(anon)"] ?? 0
        info.inactiveAnonymous = table["Inactive(anon)"] ?? 0
        info.activeFile = table["Active(file)"] ?? 0
        info.inactiveFile = table["Inactive(file)"] ?? 0
        info.unevictable = table["Unevictable"] ?? 0
        info.dirty = table["Dirty"] ?? 0
        info.writeback = table["Writeback"] ?? 0
        info.mapped = table["Mapped"] ?? 0
        info.kernelReclaimable = table["KReclaimable"] ?? 0
        info.slabUnreclaimable = table["SUnreclaim"] ?? 0
        info.kernelStacks = table["KernelStack"] ?? 0
        info.pageTables = table["PageTables"] ?? 0
        info.secondaryPageTables = table["SecPageTables"] ?? 0
        info.perProcessor = table["Percpu"] ?? 0
        info.anonymousHuge = table["AnonHugePages"] ?? 0
        info.shmemHuge = table["ShmemHugePages"] ?? 0
        info.fileHuge = table["FileHugePages"] ?? 0
        info.zswap = table["Zswap"] ?? 0
        info.zswapped = table["Zswapped"] ?? 0
        info.balloon = table["Balloon"] ?? 0
        info.hugetlb = table["Hugetlb"] ?? 0
        info.hugePagesTotal = table["HugePages_Total"] ?? 0
        info.hugePagesFree = table["HugePages_Free"] ?? 0
        info.hugePagesReserved = table["HugePages_Rsvd"] ?? 0
        info.hugePageSize = table["Hugepagesize"] ?? 0
        return info
    }
}
