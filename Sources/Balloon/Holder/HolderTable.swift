import Linux

/// One chunk of a holder.
struct HolderChunk {
    enum State: UInt8 {
        case free, building, repinning, pinned, held
    }

    var id: UInt64 = 0
    var address: UInt = 0
    var bytes: Int = 0
    /// Where each page's frame was at the last report: one UInt64 for each page.
    var framesAddress: UInt = 0
    /// Bytes mapped for the record.
    var framesBytes: Int = 0
    var slot: Int32 = 0
    var state: State = .free

    var pages: Int { bytes / 4096 }

    /// The chunk's memory.
    var memory: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: address), count: bytes)
    }

    /// The recorded frames.
    var frames: UnsafeMutableBufferPointer<UInt64> {
        unsafe UnsafeMutableBufferPointer(
            start: UnsafeMutablePointer<UInt64>(bitPattern: framesAddress), count: framesAddress == 0 ? 0 : pages)
    }
}

/// A holder's chunks, in memory of fixed size: looking up, releasing and listing allocate nothing.
@safe
final class HolderTable {
    static let capacity = 4096

    private let entries: UnsafeMutablePointer<HolderChunk>
    /// One more than the highest index in use.
    private(set) var end = 0

    init() {
        unsafe entries = UnsafeMutablePointer.allocate(capacity: Self.capacity)
        unsafe entries.initialize(repeating: HolderChunk(), count: Self.capacity)
    }

    deinit {
        unsafe entries.deallocate()
    }

    subscript(index: Int) -> HolderChunk {
        get {
            precondition(index >= 0 && index < Self.capacity)
            return unsafe entries[index]
        }
        set {
            precondition(index >= 0 && index < Self.capacity)
            unsafe entries[index] = newValue
        }
    }

    func index(of id: UInt64) -> Int? {
        for index in 0..<end where self[index].state != .free && self[index].id == id { return index }
        return nil
    }

    /// A free entry for a new chunk.
    func add(_ chunk: HolderChunk) -> Int? {
        var index = 0
        while index < end, self[index].state != .free { index += 1 }
        guard index < Self.capacity else { return nil }
        self[index] = chunk
        end = max(end, index + 1)
        return index
    }

    /// Unmaps a chunk and forgets it. Allocates nothing.
    func release(_ index: Int) throws(LinuxError) {
        let chunk = self[index]
        if chunk.address != 0, chunk.bytes > 0 { try unsafe Memory.unmap(chunk.memory) }
        if chunk.framesAddress != 0 {
            let record = unsafe UnsafeMutableRawBufferPointer(
                start: UnsafeMutableRawPointer(bitPattern: chunk.framesAddress), count: chunk.framesBytes)
            // The record is small and of no more use; a failure here must not look like one of the chunk.
            try? unsafe Memory.unmap(record)
        }
        self[index] = HolderChunk()
        while end > 0, self[end - 1].state == .free { end -= 1 }
    }

    /// Whether any chunk may be known to a host, or is about to be.
    var hasInFlight: Bool {
        for index in 0..<end {
            switch self[index].state {
            case .building, .repinning, .pinned: return true
            case .free, .held: continue
            }
        }
        return false
    }

    /// Whether another chunk uses this ring.
    func usesSlot(_ slot: Int32) -> Bool {
        for index in 0..<end {
            switch self[index].state {
            case .building, .repinning, .pinned: if self[index].slot == slot { return true }
            case .free, .held: continue
            }
        }
        return false
    }
}
