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

    /// The defaults of the agent's configuration for a guest of this size.
    public init(
        memoryTotalBytes: UInt64, processors: Int, chunkBytes: UInt64 = 32 * ByteSize.mebibyte, floorBytes: UInt64 = 0,
        watermarkBytes: UInt64? = nil, fillRate: UInt64 = Watermark.defaultFillRate,
        holdOff: UInt64 = 10 * DurationText.second, holdOffAfterOOM: UInt64 = 100 * DurationText.second,
        deflateOnOom: DeflateOnOom = .oom
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
