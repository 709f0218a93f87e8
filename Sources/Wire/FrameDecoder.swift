/// Finds frames in a byte stream that may hold anything. Memory is bounded by one frame and one piece of input.
///
/// Bytes of a bad frame are looked through again from its second byte, so that a frame that begins inside what looked
/// like another's payload (the rest of a broken session) is found.
public struct FrameDecoder: Sendable {
    /// Nanoseconds from a frame's first byte to its last.
    public let frameDeadline: UInt64
    /// While set, only resync frames and their echoes count; everything else is dropped without looking at checksums,
    /// so that hostile bytes cost one pass.
    public var onlyResync = false
    /// Whether the first fault ends it: the rest of the stream is dropped unread.
    public var stopsAtFault = false
    /// Whether a resync ends ``onlyResync`` at once, so that what follows it in the same piece counts.
    private let resyncOpens: Bool
    /// How often each fault was seen.
    public private(set) var faults: [FrameFault: UInt64] = [:]
    /// The last fault since ``takeFault()`` was called.
    private var lastFault: FrameFault?
    private var buffer: [UInt8] = []
    private var head = 0
    /// When the frame that now waits for bytes began to wait.
    private var waitingSince: UInt64?
    private var inGarbage = false

    /// A decoder whose frames have `frameDeadline` nanoseconds to arrive whole. On the side that is dialled a resync
    /// opens the stream for what follows it (`resyncOpens`).
    public init(frameDeadline: UInt64, resyncOpens: Bool = false) {
        self.frameDeadline = frameDeadline
        self.resyncOpens = resyncOpens
    }

    /// Bytes that wait for the rest of their frame.
    public var pendingBytes: Int { buffer.count - head }

    /// When ``expire(now:)`` has something to do, in nanoseconds of the caller's clock.
    public var deadline: UInt64? { waitingSince.map { $0.addingReportingOverflow(frameDeadline).partialValue } }

    /// Takes the next bytes at time `now` and returns the whole frames.
    public mutating func feed(_ bytes: some Sequence<UInt8>, now: UInt64) -> [Frame] {
        buffer.append(contentsOf: bytes)
        return scan(now: now)
    }

    /// Gives up a frame whose deadline has passed and looks for another inside it.
    public mutating func expire(now: UInt64) -> [Frame] {
        guard let deadline, now >= deadline else { return [] }
        fault(.timedOut)
        inGarbage = true
        waitingSince = nil
        head += 1
        return scan(now: now)
    }

    /// Forgets all buffered bytes.
    public mutating func reset() {
        buffer.removeAll(keepingCapacity: false)
        head = 0
        waitingSince = nil
        inGarbage = false
    }

    /// The newest fault since the last call.
    public mutating func takeFault() -> FrameFault? {
        defer { lastFault = nil }
        return lastFault
    }

    private mutating func fault(_ fault: FrameFault) {
        faults[fault, default: 0] += 1
        lastFault = fault
    }

    /// Forgets the rest: each byte of it may claim to be a frame, whose checksum costs whoever computes it.
    private mutating func stop(_ frames: [Frame]) -> [Frame] {
        buffer = []
        head = 0
        waitingSince = nil
        return frames
    }

    private mutating func scan(now: UInt64) -> [Frame] {
        var frames: [Frame] = []
        scanning: while head < buffer.count {
            switch next() {
            case .frame(let frame, let length):
                head += length
                inGarbage = false
                waitingSince = nil
                if resyncOpens && frame.kind == .resync { onlyResync = false }
                frames.append(frame)
            case .bad(let kind):
                fault(kind)
                if stopsAtFault { return stop(frames) }
                // The rest of a bad frame is part of the same fault, not garbage of its own.
                inGarbage = true
                waitingSince = nil
                head += 1
            case .garbage:
                if !inGarbage { fault(.garbage) }
                if stopsAtFault { return stop(frames) }
                inGarbage = true
                waitingSince = nil
                head += 1
            case .incomplete:
                if waitingSince == nil { waitingSince = now }
                break scanning
            }
        }
        if head == buffer.count { waitingSince = nil }
        if head > 0 {
            buffer.removeSubrange(0..<head)
            head = 0
        }
        return frames
    }

    private enum Look {
        case frame(Frame, length: Int)
        case bad(FrameFault)
        case garbage
        case incomplete
    }

    private func next() -> Look {
        let available = buffer.count - head
        for index in 0..<min(4, available) where buffer[head + index] != Frame.magic[index] { return .garbage }
        if available < Frame.headerBytes { return .incomplete }
        func word(_ offset: Int) -> UInt32 {
            (0..<4).reversed().reduce(0) { $0 << 8 | UInt32(buffer[head + offset + $1]) }
        }
        guard buffer[head + 4] == Frame.version else { return .bad(.badVersion) }
        let session = UInt64(word(12)) << 32 | UInt64(word(8))
        guard let kind = Frame.Kind(rawValue: buffer[head + 5]), buffer[head + 6] == 0, buffer[head + 7] == 0,
            session != 0
        else { return .bad(.badHeader) }
        let length = Int(word(16))
        guard length <= Frame.maximumPayload else { return .bad(.tooLong) }
        if kind != .data && length != 0 { return .bad(.badHeader) }
        if onlyResync && kind == .data { return .garbage }
        if available < Frame.headerBytes + length { return .incomplete }
        let body = head + Frame.headerBytes
        let header = CRC32C.checksum(buffer[head..<head + 20])
        guard CRC32C.checksum(buffer[body..<body + length], initial: header) == word(20) else {
            return .bad(.badChecksum)
        }
        let frame = Frame(kind: kind, session: session, payload: Array(buffer[body..<body + length]))
        return .frame(frame, length: Frame.headerBytes + length)
    }
}
