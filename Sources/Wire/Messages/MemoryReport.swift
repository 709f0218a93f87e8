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
        nodes: [NodeMemory] = []
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
        default: return false
        }
        return true
    }
}
