import Linux
import SystemPackage

/// Messages that wait for a slow agent, in memory that was mapped beforehand: answering allocates nothing.
@safe
final class HolderOutbox {
    /// Room that any single answer finds when ``isNearlyFull`` is false: a whole chunk in single pages.
    static let capacity = 1 << 20

    private let buffer: UnsafeMutableRawBufferPointer
    private var head = 0
    private var tail = 0

    init() throws(LinuxError) {
        unsafe buffer = try Memory.mapAnonymous(bytes: Self.capacity, alignment: 4096)
    }

    deinit {
        try? unsafe Memory.unmap(buffer)
    }

    var isEmpty: Bool { head == tail }

    /// Orders wait, and reports wait, while this is true.
    var isNearlyFull: Bool { tail - head > Self.capacity / 2 }

    func clear() {
        head = 0
        tail = 0
    }

    /// Adds a message that is only a header. False when there is no room.
    @discardableResult
    func append(_ header: HolderCoding.Header) -> Bool {
        unsafe append(header, bytes: 0) { _ in }
    }

    /// Adds a message of a header and `bytes` more, which `fill` writes. False when there is no room.
    @discardableResult
    func append(
        _ header: HolderCoding.Header, bytes: Int, fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> Bool {
        let length = HolderCoding.headerBytes + bytes
        if tail + 8 + length > Self.capacity, head > 0 {
            let waiting = unsafe UnsafeRawBufferPointer(rebasing: buffer[head..<tail])
            if let base = unsafe buffer.baseAddress {
                unsafe UnsafeMutableRawBufferPointer(start: base, count: waiting.count).copyMemory(from: waiting)
            }
            tail -= head
            head = 0
        }
        guard tail + 8 + length <= Self.capacity else { return false }
        unsafe buffer.storeBytes(of: UInt64(length), toByteOffset: tail, as: UInt64.self)
        let message = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[(tail + 8)..<(tail + 8 + length)])
        unsafe header.write(to: message)
        if bytes > 0 {
            unsafe fill(UnsafeMutableRawBufferPointer(rebasing: message[HolderCoding.headerBytes...]))
        }
        tail += (8 + length + 7) / 8 * 8
        tail = min(tail, Self.capacity)
        return true
    }

    /// Sends what the socket takes. False when the agent is gone.
    func flush(_ socket: FileDescriptor) -> Bool {
        while head < tail {
            let length = Int(unsafe buffer.load(fromByteOffset: head, as: UInt64.self))
            let message = unsafe UnsafeRawBufferPointer(rebasing: buffer[(head + 8)..<(head + 8 + length)])
            switch try? unsafe ByteChannel.send(socket, from: message) {
            case .bytes: head = min((head + 8 + length + 7) / 8 * 8, tail)
            case .wouldBlock: return true
            case .closed, nil: return false
            }
        }
        clear()
        return true
    }
}
