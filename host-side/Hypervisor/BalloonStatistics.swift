/// What the guest's virtio-balloon driver last told QEMU. Each number is nil where the driver does not tell it.
public struct BalloonStatistics: Sendable, Equatable {
    /// When QEMU received them, seconds since 1970 by the host's clock; 0 for never. Check it: a wedged guest, or a
    /// polling interval of 0, leaves old numbers standing.
    public let lastUpdate: UInt64
    /// QEMU's names (`stat-free-memory`, ...) and their values: bytes, or counts since boot.
    public let values: [String: UInt64]

    init(_ answer: JSONValue) throws(QMPError) {
        guard let stats = answer["stats"]?.objectValue, let update = answer["last-update"]?.uint64Value else {
            throw .unexpected("qom-get guest-stats", answer)
        }
        lastUpdate = update
        // QEMU writes -1 for "not told", which its JSON shows as 2^64-1.
        values = stats.compactMapValues { $0.uint64Value == .max ? nil : $0.uint64Value }
    }

    /// Free memory, bytes.
    public var freeBytes: UInt64? { values["stat-free-memory"] }
    /// Total memory as the guest sees it, bytes.
    public var totalBytes: UInt64? { values["stat-total-memory"] }
    /// MemAvailable, bytes.
    public var availableBytes: UInt64? { values["stat-available-memory"] }
    /// Page cache, tmpfs included, bytes.
    public var diskCacheBytes: UInt64? { values["stat-disk-caches"] }
    /// Swapped in since boot, bytes.
    public var swapInBytes: UInt64? { values["stat-swap-in"] }
    /// Swapped out since boot, bytes.
    public var swapOutBytes: UInt64? { values["stat-swap-out"] }
    /// Major faults since boot.
    public var majorFaults: UInt64? { values["stat-major-faults"] }
    /// Minor faults since boot.
    public var minorFaults: UInt64? { values["stat-minor-faults"] }
    /// OOM kills since boot (QEMU 9.2 and guests of Linux 6.12 or later).
    public var oomKills: UInt64? { values["stat-oom-kills"] }
}
