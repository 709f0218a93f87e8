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
    /// HugePages_Total, in pages.
    public var hugePagesTotal: UInt64 = 0
    /// HugePages_Free, in pages.
    public var hugePagesFree: UInt64 = 0
    /// HugePages_Rsvd, in pages.
    public var hugePagesReserved: UInt64 = 0
    /// Hugepagesize.
    public var hugePageSize: UInt64 = 0

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
        info.hugePagesTotal = table["HugePages_Total"] ?? 0
        info.hugePagesFree = table["HugePages_Free"] ?? 0
        info.hugePagesReserved = table["HugePages_Rsvd"] ?? 0
        info.hugePageSize = table["Hugepagesize"] ?? 0
        return info
    }
}
