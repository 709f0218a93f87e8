/// From /proc/meminfo and /proc/vmstat; counters are since boot.
public struct MemoryReport: WireMessage {
    /// `total_bytes`, field 1.
    public var totalBytes: UInt64 = 0
    /// `available_bytes`, field 2.
    public var availableBytes: UInt64 = 0
    /// `free_bytes`, field 3.
    public var freeBytes: UInt64 = 0
    /// Cached, which includes shmem.
    public var cachedBytes: UInt64 = 0
    /// `buffers_bytes`, field 5.
    public var buffersBytes: UInt64 = 0
    /// `anonymous_bytes`, field 6.
    public var anonymousBytes: UInt64 = 0
    /// `shmem_bytes`, field 7.
    public var shmemBytes: UInt64 = 0
    /// `slab_reclaimable_bytes`, field 8.
    public var slabReclaimableBytes: UInt64 = 0
    /// `swap_total_bytes`, field 9.
    public var swapTotalBytes: UInt64 = 0
    /// `swap_free_bytes`, field 10.
    public var swapFreeBytes: UInt64 = 0
    /// `swap_cached_bytes`, field 11.
    public var swapCachedBytes: UInt64 = 0
    /// Pages, counted by the kernel when a recently reclaimed page comes back.
    public var refaultAnonymousPages: UInt64 = 0
    /// `refault_file_pages`, field 13.
    public var refaultFilePages: UInt64 = 0
    /// `major_faults`, field 14.
    public var majorFaults: UInt64 = 0
    /// `oom_kills`, field 15.
    public var oomKills: UInt64 = 0
    /// `swapped_in_pages`, field 16.
    public var swappedInPages: UInt64 = 0
    /// `swapped_out_pages`, field 17.
    public var swappedOutPages: UInt64 = 0
    /// `nodes`, field 18.
    public var nodes: [NodeMemory] = []
    /// Since: 0.2. Pages that allocating processes had to reclaim themselves.
    public var directReclaimPages: UInt64 = 0
    /// How often an allocation had to wait for that.
    public var allocationStalls: UInt64 = 0
    /// Pages of the device balloon (virtio-balloon): taken, given back, moved by compaction.
    public var balloonInflatedPages: UInt64 = 0
    /// `balloon_deflated_pages`, field 22.
    public var balloonDeflatedPages: UInt64 = 0
    /// `balloon_migrated_pages`, field 23.
    public var balloonMigratedPages: UInt64 = 0
    /// Anonymous memory in transparent huge pages.
    public var anonymousHugeBytes: UInt64 = 0
    /// The guest's own pool of huge pages of the default size, in pages, and that size. The pool is part of total_bytes
    /// and never of available_bytes.
    public var hugePagesTotal: UInt64 = 0
    /// `huge_pages_free`, field 26.
    public var hugePagesFree: UInt64 = 0
    /// `huge_page_bytes`, field 27.
    public var hugePageBytes: UInt64 = 0
    /// Memory that zswap's pool takes, and what is compressed in it.
    public var zswapBytes: UInt64 = 0
    /// `zswapped_bytes`, field 29.
    public var zswappedBytes: UInt64 = 0
    /// Memory that all zram devices take, and what is compressed in them.
    public var zramBytes: UInt64 = 0
    /// `zram_stored_bytes`, field 31.
    public var zramStoredBytes: UInt64 = 0
    /// Free memory that lies in free blocks of 2 MiB and more (buddyinfo).
    public var freeHugeBlocksBytes: UInt64 = 0
    /// Changed page cache that must be written before it can be dropped.
    public var dirtyBytes: UInt64 = 0
    /// Memory that cannot be reclaimed: mlocked, ramfs, shared memory that is locked.
    public var unevictableBytes: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        totalBytes: UInt64 = 0,
        availableBytes: UInt64 = 0,
        freeBytes: UInt64 = 0,
        cachedBytes: UInt64 = 0,
        buffersBytes: UInt64 = 0,
        anonymousBytes: UInt64 = 0,
        shmemBytes: UInt64 = 0,
        slabReclaimableBytes: UInt64 = 0,
        swapTotalBytes: UInt64 = 0,
        swapFreeBytes: UInt64 = 0,
        swapCachedBytes: UInt64 = 0,
        refaultAnonymousPages: UInt64 = 0,
        refaultFilePages: UInt64 = 0,
        majorFaults: UInt64 = 0,
        oomKills: UInt64 = 0,
        swappedInPages: UInt64 = 0,
        swappedOutPages: UInt64 = 0,
        nodes: [NodeMemory] = [],
        directReclaimPages: UInt64 = 0,
        allocationStalls: UInt64 = 0,
        balloonInflatedPages: UInt64 = 0,
        balloonDeflatedPages: UInt64 = 0,
        balloonMigratedPages: UInt64 = 0,
        anonymousHugeBytes: UInt64 = 0,
        hugePagesTotal: UInt64 = 0,
        hugePagesFree: UInt64 = 0,
        hugePageBytes: UInt64 = 0,
        zswapBytes: UInt64 = 0,
        zswappedBytes: UInt64 = 0,
        zramBytes: UInt64 = 0,
        zramStoredBytes: UInt64 = 0,
        freeHugeBlocksBytes: UInt64 = 0,
        dirtyBytes: UInt64 = 0,
        unevictableBytes: UInt64 = 0
    ) {
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
        self.freeBytes = freeBytes
        self.cachedBytes = cachedBytes
        self.buffersBytes = buffersBytes
        self.anonymousBytes = anonymousBytes
        self.shmemBytes = shmemBytes
        self.slabReclaimableBytes = slabReclaimableBytes
        self.swapTotalBytes = swapTotalBytes
        self.swapFreeBytes = swapFreeBytes
        self.swapCachedBytes = swapCachedBytes
        self.refaultAnonymousPages = refaultAnonymousPages
        self.refaultFilePages = refaultFilePages
        self.majorFaults = majorFaults
        self.oomKills = oomKills
        self.swappedInPages = swappedInPages
        self.swappedOutPages = swappedOutPages
        self.nodes = nodes
        self.directReclaimPages = directReclaimPages
        self.allocationStalls = allocationStalls
        self.balloonInflatedPages = balloonInflatedPages
        self.balloonDeflatedPages = balloonDeflatedPages
        self.balloonMigratedPages = balloonMigratedPages
        self.anonymousHugeBytes = anonymousHugeBytes
        self.hugePagesTotal = hugePagesTotal
        self.hugePagesFree = hugePagesFree
        self.hugePageBytes = hugePageBytes
        self.zswapBytes = zswapBytes
        self.zswappedBytes = zswappedBytes
        self.zramBytes = zramBytes
        self.zramStoredBytes = zramStoredBytes
        self.freeHugeBlocksBytes = freeHugeBlocksBytes
        self.dirtyBytes = dirtyBytes
        self.unevictableBytes = unevictableBytes
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, totalBytes)
        writer.field(2, availableBytes)
        writer.field(3, freeBytes)
        writer.field(4, cachedBytes)
        writer.field(5, buffersBytes)
        writer.field(6, anonymousBytes)
        writer.field(7, shmemBytes)
        writer.field(8, slabReclaimableBytes)
        writer.field(9, swapTotalBytes)
        writer.field(10, swapFreeBytes)
        writer.field(11, swapCachedBytes)
        writer.field(12, refaultAnonymousPages)
        writer.field(13, refaultFilePages)
        writer.field(14, majorFaults)
        writer.field(15, oomKills)
        writer.field(16, swappedInPages)
        writer.field(17, swappedOutPages)
        for element in nodes { writer.message(18, element) }
        writer.field(19, directReclaimPages)
        writer.field(20, allocationStalls)
        writer.field(21, balloonInflatedPages)
        writer.field(22, balloonDeflatedPages)
        writer.field(23, balloonMigratedPages)
        writer.field(24, anonymousHugeBytes)
        writer.field(25, hugePagesTotal)
        writer.field(26, hugePagesFree)
        writer.field(27, hugePageBytes)
        writer.field(28, zswapBytes)
        writer.field(29, zswappedBytes)
        writer.field(30, zramBytes)
        writer.field(31, zramStoredBytes)
        writer.field(32, freeHugeBlocksBytes)
        writer.field(33, dirtyBytes)
        writer.field(34, unevictableBytes)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: totalBytes = try reader.uint64()
        case 2: availableBytes = try reader.uint64()
        case 3: freeBytes = try reader.uint64()
        case 4: cachedBytes = try reader.uint64()
        case 5: buffersBytes = try reader.uint64()
        case 6: anonymousBytes = try reader.uint64()
        case 7: shmemBytes = try reader.uint64()
        case 8: slabReclaimableBytes = try reader.uint64()
        case 9: swapTotalBytes = try reader.uint64()
        case 10: swapFreeBytes = try reader.uint64()
        case 11: swapCachedBytes = try reader.uint64()
        case 12: refaultAnonymousPages = try reader.uint64()
        case 13: refaultFilePages = try reader.uint64()
        case 14: majorFaults = try reader.uint64()
        case 15: oomKills = try reader.uint64()
        case 16: swappedInPages = try reader.uint64()
        case 17: swappedOutPages = try reader.uint64()
        case 18: try reader.message(appendTo: &nodes)
        case 19: directReclaimPages = try reader.uint64()
        case 20: allocationStalls = try reader.uint64()
        case 21: balloonInflatedPages = try reader.uint64()
        case 22: balloonDeflatedPages = try reader.uint64()
        case 23: balloonMigratedPages = try reader.uint64()
        case 24: anonymousHugeBytes = try reader.uint64()
        case 25: hugePagesTotal = try reader.uint64()
        case 26: hugePagesFree = try reader.uint64()
        case 27: hugePageBytes = try reader.uint64()
        case 28: zswapBytes = try reader.uint64()
        case 29: zswappedBytes = try reader.uint64()
        case 30: zramBytes = try reader.uint64()
        case 31: zramStoredBytes = try reader.uint64()
        case 32: freeHugeBlocksBytes = try reader.uint64()
        case 33: dirtyBytes = try reader.uint64()
        case 34: unevictableBytes = try reader.uint64()
        default: return false
        }
        return true
    }
}
