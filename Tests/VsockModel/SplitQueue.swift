import Synchronization

/// The device's side of a split ring (virtio 1.2, 2.7): direct and indirect descriptors, with or without event index.
/// Everything it reads is the guest's, so any of it may be wrong.
public struct SplitQueue: Sendable {
    /// Buffers in a chain at most, an indirect table's included.
    static let longestChain = 1024

    private enum Flag {
        static let next: UInt16 = 1
        static let write: UInt16 = 2
        static let indirect: UInt16 = 4
        /// In the driver's flags: no interrupt is wanted.
        static let noInterrupt: UInt16 = 1
    }

    /// Where it lies.
    public let layout: QueueLayout
    /// The position of the next buffer to take, modulo 65536: what `GET_VRING_BASE` tells.
    public private(set) var nextAvailable: UInt16
    private var nextUsed: UInt16
    private let eventIndex: Bool
    private let indirect: Bool
    /// The position up to which the driver was told; nil before the first time.
    private var told: UInt16?

    /// A ring to go on with at `base`.
    /// - Parameters:
    ///   - eventIndex: whether VIRTIO_F_EVENT_IDX was agreed on.
    ///   - indirect: whether VIRTIO_F_INDIRECT_DESC was.
    public init(
        _ layout: QueueLayout, base: UInt16, eventIndex: Bool, indirect: Bool, in memory: borrowing some GuestMemory
    ) throws(QueueError) {
        for part in layout.parts where !memory.contains(part.start, byteCount: part.bytes) {
            throw QueueError(.ringOutsideMemory, part.start)
        }
        guard let used = memory.load16(layout.usedIndex) else {
            throw QueueError(.ringOutsideMemory, layout.usedIndex)
        }
        self.layout = layout
        self.eventIndex = eventIndex
        self.indirect = indirect
        nextAvailable = base
        nextUsed = used
    }

    /// Takes the next buffer into `chain`; false where there is none.
    public mutating func take(
        into chain: inout DescriptorChain, from memory: borrowing some GuestMemory
    ) throws(QueueError) -> Bool {
        let index = try load16(layout.availableIndex, memory)
        let waiting = index &- nextAvailable
        if waiting == 0 { return false }
        guard waiting <= layout.size else { throw QueueError(.availableIndex, index) }
        // The entry must not be read before the index that announces it.
        atomicMemoryFence(ordering: .acquiring)
        let head = try load16(layout.availableEntry(nextAvailable), memory)
        chain.clear(head: head)
        try follow(head, into: &chain, memory)
        nextAvailable &+= 1
        return true
    }

    /// Undoes the last `take`, before anything else was taken or completed.
    public mutating func putBack() { nextAvailable &-= 1 }

    /// Hands a buffer back with the number of bytes written into it.
    public mutating func complete(
        _ head: UInt16, written: UInt32, in memory: borrowing some GuestMemory
    ) throws(QueueError) {
        let entry = layout.usedEntry(nextUsed)
        guard memory.store64(UInt64(head) | UInt64(written) << 32, at: entry) else {
            throw QueueError(.ringOutsideMemory, entry)
        }
        nextUsed &+= 1
        // The driver must not see the index before what it announces.
        atomicMemoryFence(ordering: .releasing)
        guard memory.store16(nextUsed, at: layout.usedIndex) else {
            throw QueueError(.ringOutsideMemory, layout.usedIndex)
        }
    }

    /// Whether the driver wants to be told now of what was completed since the last call.
    public mutating func mustNotify(in memory: borrowing some GuestMemory) throws(QueueError) -> Bool {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        let before = told
        guard before != nextUsed else { return false }
        told = nextUsed
        guard eventIndex else { return try load16(layout.availableFlags, memory) & Flag.noInterrupt == 0 }
        let event = try load16(layout.usedEvent, memory)
        guard let before else { return true }
        // Whether the event lies between what was told before and now (virtio 1.2, 2.7.7.2).
        return nextUsed &- event &- 1 < nextUsed &- before
    }

    /// Asks the driver to tell of its next buffer; true where one came meanwhile, of which it may not tell.
    public func askForKick(in memory: borrowing some GuestMemory) throws(QueueError) -> Bool {
        if eventIndex, !memory.store16(nextAvailable, at: layout.availableEvent) {
            throw QueueError(.ringOutsideMemory, layout.availableEvent)
        }
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return try load16(layout.availableIndex, memory) != nextAvailable
    }

    private func follow(
        _ head: UInt16, into chain: inout DescriptorChain, _ memory: borrowing some GuestMemory
    ) throws(QueueError) {
        guard head < layout.size else { throw QueueError(.descriptorNumber, head) }
        var table = layout.descriptors
        var tableSize = Int(layout.size)
        var inside = false
        var number = head
        var seen = 0
        while true {
            guard Int(number) < tableSize else { throw QueueError(.descriptorNumber, number) }
            seen += 1
            guard seen <= (inside ? Self.longestChain : Int(layout.size)) else {
                throw QueueError(.chainTooLong, number)
            }
            let place = table &+ 16 * UInt64(number)
            guard let address = memory.load64(place), let rest = memory.load64(place &+ 8) else {
                throw QueueError(inside ? .bufferOutsideMemory : .ringOutsideMemory, place)
            }
            let byteCount = UInt32(truncatingIfNeeded: rest)
            let flags = UInt16(truncatingIfNeeded: rest >> 32)
            if flags & Flag.indirect != 0 {
                let entries = Int(byteCount / 16)
                guard indirect, !inside, flags & Flag.next == 0, byteCount % 16 == 0, entries > 0,
                    entries <= Self.longestChain
                else { throw QueueError(.indirectTable, byteCount) }
                guard memory.contains(address, byteCount: UInt64(byteCount)) else {
                    throw QueueError(.bufferOutsideMemory, address)
                }
                (table, tableSize, number, inside, seen) = (address, entries, 0, true, 0)
                continue
            }
            let writable = flags & Flag.write != 0
            guard writable || chain.writable.isEmpty else { throw QueueError(.order, number) }
            if byteCount > 0 {
                guard memory.contains(address, byteCount: UInt64(byteCount)) else {
                    throw QueueError(.bufferOutsideMemory, address)
                }
                chain.append(.init(address: address, byteCount: byteCount), writable: writable)
            }
            guard flags & Flag.next != 0 else { return }
            number = UInt16(truncatingIfNeeded: rest >> 48)
        }
    }

    private func load16(_ address: UInt64, _ memory: borrowing some GuestMemory) throws(QueueError) -> UInt16 {
        guard let value = memory.load16(address) else { throw QueueError(.ringOutsideMemory, address) }
        return value
    }
}
