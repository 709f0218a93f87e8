/// Where a split ring lies, in guest physical addresses (virtio 1.2, 2.7).
public struct QueueLayout: Sendable, Equatable {
    /// Number of descriptors, a power of two up to 32768.
    public let size: UInt16
    /// The descriptor table: 16 bytes for each.
    public let descriptors: UInt64
    /// The driver's ring: flags, index, numbers, and the event index.
    public let available: UInt64
    /// The device's ring.
    public let used: UInt64

    /// A layout; nil where the size is no power of two up to 32768, a part is not aligned, or one wraps around.
    public init?(size: UInt32, descriptors: UInt64, available: UInt64, used: UInt64) {
        guard size > 0, size <= 32_768, size & (size - 1) == 0 else { return nil }
        guard descriptors % 16 == 0, available % 2 == 0, used % 4 == 0 else { return nil }
        self.size = UInt16(size)
        self.descriptors = descriptors
        self.available = available
        self.used = used
        for (start, bytes) in parts where start.addingReportingOverflow(bytes).overflow { return nil }
    }

    /// Its three parts with their sizes in bytes, event indices included.
    public var parts: [(start: UInt64, bytes: UInt64)] {
        let count = UInt64(size)
        return [(descriptors, 16 * count), (available, 6 + 2 * count), (used, 6 + 8 * count)]
    }

    // `parts` says that none of these wraps.
    func descriptor(_ index: UInt16) -> UInt64 { descriptors + 16 * UInt64(index) }
    var availableFlags: UInt64 { available }
    var availableIndex: UInt64 { available + 2 }
    func availableEntry(_ position: UInt16) -> UInt64 { available + 4 + 2 * UInt64(position % size) }
    var usedEvent: UInt64 { available + 4 + 2 * UInt64(size) }
    var usedFlags: UInt64 { used }
    var usedIndex: UInt64 { used + 2 }
    func usedEntry(_ position: UInt16) -> UInt64 { used + 4 + 8 * UInt64(position % size) }
    var availableEvent: UInt64 { used + 4 + 8 * UInt64(size) }
}
