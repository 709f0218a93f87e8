/// State of the agent balloon.
public struct BalloonReport: WireMessage {
    /// `held_bytes`, field 1.
    public var heldBytes: UInt64 = 0
    /// Being populated, pinned, offered.
    public var inFlightBytes: UInt64 = 0
    /// Pinned until a new session proves that nothing is in flight.
    public var quarantinedBytes: UInt64 = 0
    /// The memory the guest shall keep, and its size; 0 where no target was set since the agent started.
    public var targetBytes: UInt64 = 0
    /// `vm_bytes`, field 5.
    public var vmBytes: UInt64 = 0
    /// What keeps the balloon from its target, if anything.
    public var limit: Reason = .noReason
    /// `limit_detail`, field 7.
    public var limitDetail: String = ""
    /// Remaining time without inflation.
    public var holdOffMilliseconds: UInt64 = 0
    /// `holders`, field 9.
    public var holders: UInt32 = 0
    /// The guest's floor and headroom watermark on MemAvailable, in bytes.
    public var floorBytes: UInt64 = 0
    /// `watermark_bytes`, field 11.
    public var watermarkBytes: UInt64 = 0
    /// Counters since the agent started.
    public var offeredBytes: UInt64 = 0
    /// `discarded_bytes`, field 13.
    public var discardedBytes: UInt64 = 0
    /// `released_bytes`, field 14.
    public var releasedBytes: UInt64 = 0
    /// `emergency_releases`, field 15.
    public var emergencyReleases: UInt64 = 0
    /// `holders_died`, field 16.
    public var holdersDied: UInt64 = 0
    /// Held pages that the kernel was seen to have moved, in bytes.
    public var movedBytes: UInt64 = 0
    /// `refused_chunks`, field 18.
    public var refusedChunks: UInt64 = 0
    /// `nodes`, field 19.
    public var nodes: [NodeBalloon] = []
    /// Memory that was taken and given back at once, since it could not be assembled into whole granules, in bytes.
    public var fragmentedBytes: UInt64 = 0
    /// Since: 0.2. Page cache that is not for sale now; part of why a step stops with CACHE_FLOOR.
    public var cacheFloorBytes: UInt64 = 0
    /// How long the guest's administrator still forbids inflation; 0 not, 2^64-1 until further notice.
    public var holdMilliseconds: UInt64 = 0
    /// Remaining time without inflation after boot.
    public var bootGraceMilliseconds: UInt64 = 0
    /// Releases because of memory pressure, since the agent started.
    public var pressureReleases: UInt64 = 0
    /// What the guest asks for beyond its target; 0 where no Ask stands.
    public var askedBytes: UInt64 = 0
    /// How fast the governor lets the balloon grow now, in bytes a second; 0 not at all.
    public var stepBytesPerSecond: UInt64 = 0
    /// Cold memory that was reclaimed to make room (memory.reclaim), since the agent started.
    public var reclaimedBytes: UInt64 = 0
    /// How often memory was compacted to make room in blocks of 2 MiB, since the agent started.
    public var compactions: UInt64 = 0
    /// How much refaults have raised cache_floor_bytes above its configured share, at present.
    public var floorRaisedBytes: UInt64 = 0
    /// Remaining time until the release that on-controller-loss demands; 0 where it is not running.
    public var controllerLostMilliseconds: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        heldBytes: UInt64 = 0,
        inFlightBytes: UInt64 = 0,
        quarantinedBytes: UInt64 = 0,
        targetBytes: UInt64 = 0,
        vmBytes: UInt64 = 0,
        limit: Reason = .noReason,
        limitDetail: String = "",
        holdOffMilliseconds: UInt64 = 0,
        holders: UInt32 = 0,
        floorBytes: UInt64 = 0,
        watermarkBytes: UInt64 = 0,
        offeredBytes: UInt64 = 0,
        discardedBytes: UInt64 = 0,
        releasedBytes: UInt64 = 0,
        emergencyReleases: UInt64 = 0,
        holdersDied: UInt64 = 0,
        movedBytes: UInt64 = 0,
        refusedChunks: UInt64 = 0,
        nodes: [NodeBalloon] = [],
        fragmentedBytes: UInt64 = 0,
        cacheFloorBytes: UInt64 = 0,
        holdMilliseconds: UInt64 = 0,
        bootGraceMilliseconds: UInt64 = 0,
        pressureReleases: UInt64 = 0,
        askedBytes: UInt64 = 0,
        stepBytesPerSecond: UInt64 = 0,
        reclaimedBytes: UInt64 = 0,
        compactions: UInt64 = 0,
        floorRaisedBytes: UInt64 = 0,
        controllerLostMilliseconds: UInt64 = 0
    ) {
        self.heldBytes = heldBytes
        self.inFlightBytes = inFlightBytes
        self.quarantinedBytes = quarantinedBytes
        self.targetBytes = targetBytes
        self.vmBytes = vmBytes
        self.limit = limit
        self.limitDetail = limitDetail
        self.holdOffMilliseconds = holdOffMilliseconds
        self.holders = holders
        self.floorBytes = floorBytes
        self.watermarkBytes = watermarkBytes
        self.offeredBytes = offeredBytes
        self.discardedBytes = discardedBytes
        self.releasedBytes = releasedBytes
        self.emergencyReleases = emergencyReleases
        self.holdersDied = holdersDied
        self.movedBytes = movedBytes
        self.refusedChunks = refusedChunks
        self.nodes = nodes
        self.fragmentedBytes = fragmentedBytes
        self.cacheFloorBytes = cacheFloorBytes
        self.holdMilliseconds = holdMilliseconds
        self.bootGraceMilliseconds = bootGraceMilliseconds
        self.pressureReleases = pressureReleases
        self.askedBytes = askedBytes
        self.stepBytesPerSecond = stepBytesPerSecond
        self.reclaimedBytes = reclaimedBytes
        self.compactions = compactions
        self.floorRaisedBytes = floorRaisedBytes
        self.controllerLostMilliseconds = controllerLostMilliseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, heldBytes)
        writer.field(2, inFlightBytes)
        writer.field(3, quarantinedBytes)
        writer.field(4, targetBytes)
        writer.field(5, vmBytes)
        writer.field(6, limit)
        writer.field(7, limitDetail)
        writer.field(8, holdOffMilliseconds)
        writer.field(9, holders)
        writer.field(10, floorBytes)
        writer.field(11, watermarkBytes)
        writer.field(12, offeredBytes)
        writer.field(13, discardedBytes)
        writer.field(14, releasedBytes)
        writer.field(15, emergencyReleases)
        writer.field(16, holdersDied)
        writer.field(17, movedBytes)
        writer.field(18, refusedChunks)
        for element in nodes { writer.message(19, element) }
        writer.field(20, fragmentedBytes)
        writer.field(21, cacheFloorBytes)
        writer.field(22, holdMilliseconds)
        writer.field(23, bootGraceMilliseconds)
        writer.field(24, pressureReleases)
        writer.field(25, askedBytes)
        writer.field(26, stepBytesPerSecond)
        writer.field(27, reclaimedBytes)
        writer.field(28, compactions)
        writer.field(29, floorRaisedBytes)
        writer.field(30, controllerLostMilliseconds)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: heldBytes = try reader.uint64()
        case 2: inFlightBytes = try reader.uint64()
        case 3: quarantinedBytes = try reader.uint64()
        case 4: targetBytes = try reader.uint64()
        case 5: vmBytes = try reader.uint64()
        case 6: limit = try reader.enumeration()
        case 7: limitDetail = try reader.string()
        case 8: holdOffMilliseconds = try reader.uint64()
        case 9: holders = try reader.uint32()
        case 10: floorBytes = try reader.uint64()
        case 11: watermarkBytes = try reader.uint64()
        case 12: offeredBytes = try reader.uint64()
        case 13: discardedBytes = try reader.uint64()
        case 14: releasedBytes = try reader.uint64()
        case 15: emergencyReleases = try reader.uint64()
        case 16: holdersDied = try reader.uint64()
        case 17: movedBytes = try reader.uint64()
        case 18: refusedChunks = try reader.uint64()
        case 19: try reader.message(appendTo: &nodes)
        case 20: fragmentedBytes = try reader.uint64()
        case 21: cacheFloorBytes = try reader.uint64()
        case 22: holdMilliseconds = try reader.uint64()
        case 23: bootGraceMilliseconds = try reader.uint64()
        case 24: pressureReleases = try reader.uint64()
        case 25: askedBytes = try reader.uint64()
        case 26: stepBytesPerSecond = try reader.uint64()
        case 27: reclaimedBytes = try reader.uint64()
        case 28: compactions = try reader.uint64()
        case 29: floorRaisedBytes = try reader.uint64()
        case 30: controllerLostMilliseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
