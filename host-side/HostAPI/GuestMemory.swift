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
