/// The agent balloon by the guest's account; counters are since the agent started.
public struct GuestBalloon: Codable, Sendable, Equatable {
    /// Held, in bytes.
    public var heldBytes: UInt64 = 0
    /// Being populated, pinned or offered, in bytes.
    public var inFlightBytes: UInt64 = 0
    /// Pinned until a new session proves that nothing is in flight, in bytes.
    public var quarantinedBytes: UInt64 = 0
    /// The memory the guest shall keep, in bytes; nil where no target was set since the agent started.
    public var targetBytes: UInt64?
    /// Size of the VM as the agent was told, in bytes; nil where it was not.
    public var vmBytes: UInt64?
    /// What keeps the balloon from its target, if anything.
    public var limit: Explanation?
    /// Remaining time without inflation, in milliseconds.
    public var holdOffMilliseconds: UInt64 = 0
    /// Holder processes that live.
    public var holders: UInt32 = 0
    /// The guest's floor on MemAvailable, in bytes.
    public var floorBytes: UInt64 = 0
    /// The guest's headroom watermark on MemAvailable, in bytes.
    public var watermarkBytes: UInt64 = 0
    /// Offered to the host, in bytes.
    public var offeredBytes: UInt64 = 0
    /// Acknowledged as discarded, in bytes.
    public var discardedBytes: UInt64 = 0
    /// Given back to the guest, in bytes.
    public var releasedBytes: UInt64 = 0
    /// Releases under distress.
    public var emergencyReleases: UInt64 = 0
    /// Holder processes that died.
    public var holdersDied: UInt64 = 0
    /// Held pages that the kernel was seen to have moved, in bytes.
    public var movedBytes: UInt64 = 0
    /// Bytes that could not be assembled into whole frames of 2 MiB, where the host needs those; since the agent
    /// started.
    public var fragmentedBytes: UInt64 = 0
    /// Chunks that the host refused.
    public var refusedChunks: UInt64 = 0
    /// Page cache that is not for sale now, in bytes.
    public var cacheFloorBytes: UInt64 = 0
    /// How much refaults have raised that floor at present, in bytes.
    public var floorRaisedBytes: UInt64 = 0
    /// How long the guest's administrator still forbids inflation, in milliseconds; 2⁶⁴ − 1 until further notice.
    public var holdMilliseconds: UInt64 = 0
    /// Remaining time without inflation after the guest booted, in milliseconds.
    public var bootGraceMilliseconds: UInt64 = 0
    /// Remaining time until everything is released for want of a controller, in milliseconds; 0 where that is not
    /// running.
    public var controllerLostMilliseconds: UInt64 = 0
    /// What the guest asks for beyond its target, in bytes.
    public var askedBytes: UInt64 = 0
    /// How fast the balloon may grow now, in bytes a second.
    public var stepBytesPerSecond: UInt64 = 0
    /// Releases because of memory pressure.
    public var pressureReleases: UInt64 = 0
    /// Cold memory that was reclaimed to make room, in bytes.
    public var reclaimedBytes: UInt64 = 0
    /// How often memory was compacted to make room.
    public var compactions: UInt64 = 0
    /// Held memory by NUMA node of the guest.
    public var nodes: [GuestBalloonNode] = []

    /// Makes an empty balloon.
    public init() {}
}

/// Held memory of one NUMA node of a guest.
public struct GuestBalloonNode: Codable, Sendable, Equatable {
    /// Number of the node.
    public var node: UInt32
    /// Held, in bytes.
    public var heldBytes: UInt64

    /// Makes a node.
    public init(node: UInt32, heldBytes: UInt64) {
        self.node = node
        self.heldBytes = heldBytes
    }
}
