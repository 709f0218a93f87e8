import Wire

/// Frames, whole and damaged, built from a fuzzer's choices.
struct FrameInput {
    /// Bytes that one run may still ask for beyond its own length: a few long frames, and no run that takes seconds.
    private var room = 4 * Frame.maximumPayload

    /// What the other side has sent and nobody has received yet.
    private var waiting: [UInt8] = []

    /// How many bytes wait.
    var waitingCount: Int { waiting.count }

    /// The other side sends bytes as they are.
    mutating func append(_ bytes: [UInt8]) { waiting += bytes }

    /// The other side sends a frame, which may have an accident.
    mutating func append(_ frame: Frame, _ input: inout FuzzInput) {
        if let bytes = frame.encoded() { waiting += damaged(bytes, &input) }
    }

    /// The other side sends a frame with any payload.
    mutating func appendAny(session: UInt64, _ input: inout FuzzInput) {
        append(Frame(kind: .data, session: session, payload: payload(&input)), &input)
    }

    /// The next bytes to be received.
    mutating func next(_ count: Int) -> ArraySlice<UInt8> {
        let bytes = waiting.prefix(count)
        waiting.removeFirst(bytes.count)
        return bytes
    }

    /// The stream ended: nothing of it arrives any more.
    mutating func forget() { waiting = [] }

    /// A payload: mostly the input's own bytes, at times filled up to about the longest there may be.
    mutating func payload(_ input: inout FuzzInput) -> [UInt8] {
        let fill = input.byte()
        var payload = input.bytes()
        if fill >= 0xF0 {
            let length = Frame.maximumPayload - 8 + Int(fill & 0xF)
            guard room >= length else { return payload }
            room -= length
            payload += [UInt8](repeating: fill, count: max(0, length - payload.count))
        }
        return payload
    }

    /// A frame's bytes after an accident, if any: the first choice says which.
    mutating func damaged(_ bytes: [UInt8], _ input: inout FuzzInput) -> [UInt8] {
        var bytes = bytes
        switch input.byte() {
        case 1 where !bytes.isEmpty:
            let position = Int(input.byte()) % bytes.count
            bytes[position] ^= input.byte()
        case 2: bytes = Array(bytes.prefix(Int(input.byte())))
        case 3: bytes = Array(bytes.dropFirst(Int(input.byte())))
        case 4:
            guard room >= bytes.count else { break }
            room -= bytes.count
            bytes += bytes
        default: break
        }
        return bytes
    }

    /// The one frame in `bytes`, which is all of them.
    static func only(_ bytes: [UInt8]) -> Frame {
        var decoder = FrameDecoder(frameDeadline: 1)
        let frames = decoder.feed(bytes, now: 0)
        require(frames.count == 1 && decoder.faults.isEmpty && decoder.pendingBytes == 0, "what is sent is one frame")
        return frames[0]
    }
}
