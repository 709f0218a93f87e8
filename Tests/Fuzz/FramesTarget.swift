import Wire

/// Finds frames in arbitrary bytes, in arbitrary pieces, at arbitrary times.
///
/// Byte 0: bit 0 a resync opens the stream, bit 1 only resyncs count at first, bit 2 no deadline. Then operations: a
/// byte modulo 8, followed by its arguments.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    var run = FramesRun(options: input.byte())
    while !input.isEmpty { run.step(&input) }
    run.finish()
    return 0
}

private struct FramesRun {
    private let fresh: FrameDecoder
    private var decoder: FrameDecoder
    private var build = FrameInput()
    private var now: UInt64 = 0
    private var found: [Frame] = []
    private var faults: UInt64 = 0
    /// Everything that was fed, as long as nothing but feeding was done.
    private var stream: [UInt8]? = []

    init(options: UInt8) {
        var decoder = FrameDecoder(
            frameDeadline: options & 4 == 0 ? 2_000_000_000 : .max, resyncOpens: options & 1 == 1)
        decoder.onlyResync = options & 2 == 2
        fresh = decoder
        self.decoder = decoder
    }

    mutating func step(_ input: inout FuzzInput) {
        switch input.byte() % 8 {
        case 0: feed(input.bytes())
        case 1, 2, 3:
            guard let kind = Frame.Kind(rawValue: 1 + input.byte() % 3) else { return }
            let session = input.number()
            let frame = Frame(kind: kind, session: session, payload: kind == .data ? build.payload(&input) : [])
            guard let bytes = frame.encoded() else { return }
            let damaged = build.damaged(bytes, &input)
            let piece = Int(input.byte())
            if piece == 0 { return feed(damaged) }
            for begin in stride(from: 0, to: damaged.count, by: max(piece, damaged.count / 64)) {
                feed(damaged[begin..<min(begin + max(piece, damaged.count / 64), damaged.count)])
            }
        case 4: input.move(&now)
        case 5:
            stream = nil
            take(decoder.expire(now: now))
        case 6:
            stream = nil
            if let deadline = decoder.deadline { expire(at: deadline) }
        default: settings(input.byte())
        }
    }

    private mutating func settings(_ choice: UInt8) {
        switch choice % 4 {
        case 0:
            stream = nil
            decoder.reset()
            require(decoder.pendingBytes == 0 && decoder.deadline == nil, "nothing is left after a reset")
        case 1:
            stream = nil
            decoder.onlyResync.toggle()
        default: require(decoder.takeFault() == nil || !decoder.faults.isEmpty, "a fault that is told was counted")
        }
    }

    private mutating func feed(_ bytes: some Sequence<UInt8>) {
        stream?.append(contentsOf: bytes)
        take(decoder.feed(bytes, now: now))
    }

    private mutating func expire(at deadline: UInt64) {
        let waiting = decoder.pendingBytes
        take(decoder.expire(now: deadline))
        require(decoder.pendingBytes < waiting, "a frame that is given up leaves fewer bytes waiting")
    }

    private mutating func take(_ frames: [Frame]) {
        for frame in frames {
            require(frame.session != 0, "session 0 is no frame's")
            require(frame.payload.count <= Frame.maximumPayload, "a payload has at most 65536 bytes")
            require(frame.kind == .data || frame.payload.isEmpty, "only data has a payload")
        }
        found += frames
        require(decoder.pendingBytes < Frame.headerBytes + Frame.maximumPayload, "less than one frame waits")
        require((decoder.deadline == nil) == (decoder.pendingBytes == 0), "what waits has a deadline")
        let counted = decoder.faults.values.reduce(0, &+)
        require(counted >= faults, "faults are never forgotten")
        faults = counted
    }

    /// The cuts made no difference, and whatever waits comes to an end.
    mutating func finish() {
        if let stream {
            var whole = fresh
            require(whole.feed(stream, now: 0) == found, "pieces hold the frames of the whole")
            require(whole.faults == decoder.faults, "pieces hold the faults of the whole")
        }
        // Each call gives up one byte at least, and a run waits for less than one frame.
        while let deadline = decoder.deadline { expire(at: deadline) }
    }
}
