public import Wire

/// What the guest's owner decided, and the guest's size: everything about the judgement that does not change from one
/// look to the next.
public struct GovernorConfiguration: Sendable, Equatable {
    /// The guest's MemTotal in bytes.
    public var memoryTotalBytes: UInt64
    /// Online virtual processors.
    public var processors: Int
    /// A full chunk in bytes; a multiple of 2 MiB.
    public var chunkBytes: UInt64
    /// A floor of its own above the curve's, in bytes; 0 for none.
    public var floorBytes: UInt64
    /// A fixed watermark in bytes instead of the one that follows from the allocation rate; never below
    /// `Watermark.least`. Nil for automatic.
    public var watermarkBytes: UInt64?
    /// Fastest plausible allocation of one processor, in bytes a second.
    public var fillRate: UInt64
    /// Time without inflation after a release below the watermark, in nanoseconds.
    public var holdOff: UInt64
    /// Time without inflation after an OOM kill, in nanoseconds.
    public var holdOffAfterOOM: UInt64
    /// When the balloon yields without being asked.
    public var deflateOnOom: DeflateOnOom
    /// No inflation before this time after boot, in nanoseconds; `now` must then count from boot. 0 for none.
    public var bootGrace: UInt64
    /// Holder processes: a release in steps begins with the share of one of them.
    public var holders: Int
    /// Rate at which the balloon grows beside a little pressure or after a release, in bytes a second; nil for a
    /// quarter of memory. Without either, free memory is taken as fast as it can be.
    public var inflateRate: UInt64?
    /// What memory pressure means.
    public var pressure: PressureRules
    /// What page cache is worth.
    public var cache: CacheRules
    /// What may be reclaimed and compacted.
    public var reclaim: ReclaimRules
    /// When the host is asked for memory.
    public var ask: AskRules

    /// The time after boot in which a guest starts its services, in nanoseconds: no inflation, unless configured.
    public static let defaultBootGrace = 60 * DurationText.second

    /// The defaults for a guest of this size. Boot grace is 0, since not every clock counts from boot.
    public init(
        memoryTotalBytes: UInt64, processors: Int, chunkBytes: UInt64 = 32 * ByteSize.mebibyte, floorBytes: UInt64 = 0,
        watermarkBytes: UInt64? = nil, fillRate: UInt64 = Watermark.defaultFillRate,
        holdOff: UInt64 = 10 * DurationText.second, holdOffAfterOOM: UInt64 = 100 * DurationText.second,
        deflateOnOom: DeflateOnOom = .pressure, bootGrace: UInt64 = 0, holders: Int = 4, inflateRate: UInt64? = nil,
        pressure: PressureRules = PressureRules(), cache: CacheRules = CacheRules(),
        reclaim: ReclaimRules = ReclaimRules(), ask: AskRules = AskRules()
    ) {
        self.memoryTotalBytes = memoryTotalBytes
        self.processors = processors
        self.chunkBytes = chunkBytes
        self.floorBytes = floorBytes
        self.watermarkBytes = watermarkBytes
        self.fillRate = fillRate
        self.holdOff = holdOff
        self.holdOffAfterOOM = holdOffAfterOOM
        self.deflateOnOom = deflateOnOom
        self.bootGrace = bootGrace
        self.holders = holders
        self.inflateRate = inflateRate
        self.pressure = pressure
        self.cache = cache
        self.reclaim = reclaim
        self.ask = ask
    }

    /// The headroom watermark in force, in bytes of MemAvailable.
    public var effectiveWatermark: UInt64 {
        if let watermarkBytes {
            return max(watermarkBytes, Watermark.least(memoryTotalBytes: memoryTotalBytes))
        }
        return Watermark.bytes(memoryTotalBytes: memoryTotalBytes, processors: processors, fillRate: fillRate)
    }

    /// The floor in force, in bytes of MemAvailable after a step.
    public var effectiveFloor: UInt64 {
        GuestFloor.bytes(
            memoryTotalBytes: memoryTotalBytes, configuredBytes: floorBytes, watermarkBytes: effectiveWatermark,
            chunkBytes: chunkBytes)
    }
}
