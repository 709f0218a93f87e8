/// One of the kernel's memory zones, in bytes.
public struct ZoneState: Sendable, Equatable {
    /// The kernel's name: `DMA`, `DMA32`, `Normal`, `Movable`, `Device`.
    public var name: String
    /// Memory that the page allocator manages there.
    public var managedBytes: UInt64
    /// Free memory, free CMA memory included.
    public var freeBytes: UInt64
    /// Free memory of the contiguous memory allocator, which pinned pages may not use.
    public var freeCMABytes: UInt64
    /// Memory that belongs to CMA, free or not.
    public var cmaBytes: UInt64
    /// File pages on the inactive list.
    public var inactiveFileBytes: UInt64
    /// File pages on the active list.
    public var activeFileBytes: UInt64
    /// The high watermark: reclaim rests above it.
    public var highBytes: UInt64
    /// What the zone keeps back from allocations that could use zone Normal (lowmem_reserve).
    public var reserveBytes: UInt64

    /// A zone.
    public init(
        name: String, managedBytes: UInt64, freeBytes: UInt64, freeCMABytes: UInt64 = 0, cmaBytes: UInt64 = 0,
        inactiveFileBytes: UInt64 = 0, activeFileBytes: UInt64 = 0, highBytes: UInt64 = 0, reserveBytes: UInt64 = 0
    ) {
        self.name = name
        self.managedBytes = managedBytes
        self.freeBytes = freeBytes
        self.freeCMABytes = freeCMABytes
        self.cmaBytes = cmaBytes
        self.inactiveFileBytes = inactiveFileBytes
        self.activeFileBytes = activeFileBytes
        self.highBytes = highBytes
        self.reserveBytes = reserveBytes
    }

    /// What pinned memory can still take here before reclaim cannot keep up: free and file memory above the high
    /// watermark and the reserve. File pages may belong to CMA too; that error is small and bounded by CMA's size.
    var headroomBytes: UInt64 {
        freeBytes.less(freeCMABytes).adding(inactiveFileBytes).adding(activeFileBytes).less(
            highBytes.adding(reserveBytes))
    }

    /// Whether pinned memory may come from here and it is worth counting: not ZONE_MOVABLE, whose pages a pin moves
    /// away, not device memory, and not the 16 MiB of ZONE_DMA.
    var servesPins: Bool { managedBytes > 0 && name != "Movable" && name != "Device" && name != "DMA" }
}

extension [ZoneState] {
    /// Whether pinning may move pages: the guest has ZONE_MOVABLE or CMA memory. Elsewhere MemAvailable says it all.
    public var restrictPins: Bool {
        contains { ($0.name == "Movable" && $0.managedBytes > 0) || $0.cmaBytes > 0 }
    }

    /// Bytes that pinned memory can still take from all zones it may come from.
    public var pinHeadroomBytes: UInt64 {
        reduce(0) { $1.servesPins ? $0.adding($1.headroomBytes) : $0 }
    }
}
