/// Memory of a guest by its own account; counters are since it booted.
public struct GuestMemory: Codable, Sendable, Equatable {
    /// MemTotal, in bytes.
    public var totalBytes: UInt64 = 0
    /// MemAvailable, in bytes.
    public var availableBytes: UInt64 = 0
    /// MemFree, in bytes.
    public var freeBytes: UInt64 = 0
    /// Cached, which includes shmem, in bytes.
    public var cachedBytes: UInt64 = 0
    /// Buffers, in bytes.
    public var buffersBytes: UInt64 = 0
    /// AnonPages, in bytes.
    public var anonymousBytes: UInt64 = 0
    /// Shmem, in bytes.
    public var shmemBytes: UInt64 = 0
    /// SReclaimable, in bytes.
    public var slabReclaimableBytes: UInt64 = 0
    /// SwapTotal, in bytes.
    public var swapTotalBytes: UInt64 = 0
    /// SwapFree, in bytes.
    public var swapFreeBytes: UInt64 = 0
    /// SwapCached, in bytes.
    public var swapCachedBytes: UInt64 = 0
    /// Recently reclaimed anonymous pages that came back.
    public var refaultAnonymousPages: UInt64 = 0
    /// Recently reclaimed file pages that came back.
    public var refaultFilePages: UInt64 = 0
    /// Major faults.
    public var majorFaults: UInt64 = 0
    /// Kills by the OOM killer.
    public var oomKills: UInt64 = 0
    /// Pages read from swap.
    public var swappedInPages: UInt64 = 0
    /// Pages written to swap.
    public var swappedOutPages: UInt64 = 0
    /// Pages that allocating processes had to reclaim themselves.
    public var directReclaimPages: UInt64 = 0
    /// How often an allocation had to wait for that.
    public var allocationStalls: UInt64 = 0
    /// Pages that a device balloon (virtio-balloon) took.
    public var balloonInflatedPages: UInt64 = 0
    /// Pages that a device balloon gave back.
    public var balloonDeflatedPages: UInt64 = 0
    /// Pages of a device balloon that compaction moved.
    public var balloonMigratedPages: UInt64 = 0
    /// Anonymous memory in transparent huge pages, in bytes.
    public var anonymousHugeBytes: UInt64 = 0
    /// Pages of the guest's own pool of huge pages.
    public var hugePagesTotal: UInt64 = 0
    /// Pages of that pool that nobody uses.
    public var hugePagesFree: UInt64 = 0
    /// Size of a page of that pool, in bytes.
    public var hugePageBytes: UInt64 = 0
    /// Memory that zswap's pool takes, in bytes.
    public var zswapBytes: UInt64 = 0
    /// What is compressed in it, in bytes.
    public var zswappedBytes: UInt64 = 0
    /// Memory that all zram devices take, in bytes.
    public var zramBytes: UInt64 = 0
    /// What is compressed in them, in bytes.
    public var zramStoredBytes: UInt64 = 0
    /// Free memory in blocks of 2 MiB and more, in bytes.
    public var freeHugeBlocksBytes: UInt64 = 0
    /// Changed page cache that must be written before it can be dropped, in bytes.
    public var dirtyBytes: UInt64 = 0
    /// Memory that cannot be reclaimed, in bytes.
    public var unevictableBytes: UInt64 = 0
    /// NUMA nodes.
    public var nodes: [GuestMemoryNode] = []

    /// Makes an account of zeros.
    public init() {}
}

/// One NUMA node of a guest.
public struct GuestMemoryNode: Codable, Sendable, Equatable {
    /// Number of the node.
    public var node: UInt32
    /// Size, in bytes.
    public var totalBytes: UInt64
    /// Free, in bytes.
    public var freeBytes: UInt64
    /// File pages, in bytes.
    public var fileBytes: UInt64
    /// Anonymous pages, in bytes.
    public var anonymousBytes: UInt64

    /// Makes a node.
    public init(node: UInt32, totalBytes: UInt64, freeBytes: UInt64, fileBytes: UInt64, anonymousBytes: UInt64) {
        self.node = node
        self.totalBytes = totalBytes
        self.freeBytes = freeBytes
        self.fileBytes = fileBytes
        self.anonymousBytes = anonymousBytes
    }
}
