/// The buffers of one request, as the driver chained them. Read once from guest memory, every buffer of it in RAM then.
public struct DescriptorChain: Sendable {
    /// One buffer.
    struct Segment: Sendable, Equatable {
        var address: UInt64
        var byteCount: UInt32
    }

    /// The number of its first descriptor, which the device hands back.
    public internal(set) var head: UInt16 = 0
    /// Bytes that the driver gives.
    public private(set) var readableBytes = 0
    /// Bytes that the driver wants.
    public private(set) var writableBytes = 0
    private(set) var readable: [Segment] = []
    private(set) var writable: [Segment] = []

    /// An empty chain, to be filled by `SplitQueue.take`; its storage is used again.
    public init() {}

    mutating func clear(head: UInt16) {
        self.head = head
        readableBytes = 0
        writableBytes = 0
        readable.removeAll(keepingCapacity: true)
        writable.removeAll(keepingCapacity: true)
    }

    mutating func append(_ segment: Segment, writable isWritable: Bool) {
        // Sums cannot overflow: the number of segments is bounded and each is below 4 GiB.
        if isWritable {
            writable.append(segment)
            writableBytes += Int(segment.byteCount)
        } else {
            readable.append(segment)
            readableBytes += Int(segment.byteCount)
        }
    }

    /// Fills the first `byteCount` bytes of the array with what the driver gives from `offset` on; false where either
    /// has less, or no RAM is there any more.
    public func read(
        at offset: Int, byteCount: Int, into bytes: inout [UInt8], from memory: borrowing some GuestMemory
    ) -> Bool {
        guard offset >= 0, offset <= readableBytes, byteCount >= 0, byteCount <= readableBytes - offset,
            byteCount <= bytes.count
        else { return false }
        var span = bytes.mutableSpan
        var done = 0
        var skipped = offset
        for segment in readable where done < byteCount {
            let size = Int(segment.byteCount)
            guard skipped < size else {
                skipped -= size
                continue
            }
            let count = min(size - skipped, byteCount - done)
            guard memory.copy(from: segment.address &+ UInt64(skipped), into: &span, at: done..<done + count) else {
                return false
            }
            done += count
            skipped = 0
        }
        return true
    }

    /// Writes into the buffers from `offset` on; false where they are smaller, or no RAM any more.
    public func write(_ bytes: Span<UInt8>, at offset: Int, to memory: borrowing some GuestMemory) -> Bool {
        guard offset >= 0, offset <= writableBytes, bytes.count <= writableBytes - offset else { return false }
        var done = 0
        var skipped = offset
        for segment in writable where done < bytes.count {
            let size = Int(segment.byteCount)
            guard skipped < size else {
                skipped -= size
                continue
            }
            let count = min(size - skipped, bytes.count - done)
            let piece = bytes.extracting(done..<done + count)
            guard memory.copy(piece, to: segment.address &+ UInt64(skipped)) else { return false }
            done += count
            skipped = 0
        }
        return true
    }
}
