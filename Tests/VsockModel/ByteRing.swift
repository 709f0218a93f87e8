/// Bytes that wait, first in first out. Grows to what it has to hold, at most to its capacity.
public struct ByteRing: Sendable {
    /// Bytes it may hold.
    public let capacity: Int
    /// Bytes it holds.
    public private(set) var count = 0
    private var storage: [UInt8] = []
    private var head = 0

    /// An empty ring, which takes no memory.
    /// - Parameter capacity: in bytes.
    public init(capacity: Int) {
        self.capacity = max(0, capacity)
    }

    /// Bytes that still fit.
    public var room: Int { capacity - count }

    /// Takes bytes; false, and none of them, where they do not fit.
    public mutating func append(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= room else { return false }
        if storage.count < count + bytes.count { grow(to: count + bytes.count) }
        guard !storage.isEmpty else { return true }
        var tail = (head + count) % storage.count
        for index in bytes.indices {
            storage[tail] = bytes[index]
            tail += 1
            if tail == storage.count { tail = 0 }
        }
        count += bytes.count
        return true
    }

    /// Hands the oldest bytes over, as many as lie together; how many of them the body took is what it returns.
    public mutating func consume(_ body: (Span<UInt8>) -> Int) -> Int {
        let together = min(count, storage.count - head)
        let taken = min(max(0, body(storage.span.extracting(head..<head + together))), together)
        count -= taken
        head = count == 0 ? 0 : (head + taken) % storage.count
        return taken
    }

    /// Forgets everything, and the memory too.
    public mutating func removeAll() {
        storage = []
        head = 0
        count = 0
    }

    private mutating func grow(to needed: Int) {
        var bigger: [UInt8] = []
        bigger.reserveCapacity(min(capacity, max(needed, 2 * storage.count, 4096)))
        bigger += storage[head..<min(head + count, storage.count)]
        bigger += storage[0..<count - bigger.count]
        bigger += repeatElement(0, count: min(capacity, max(needed, 2 * storage.count, 4096)) - bigger.count)
        storage = bigger
        head = 0
    }
}
