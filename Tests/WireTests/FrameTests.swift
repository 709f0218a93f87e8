import Testing
import Wire

/// Frames as bytes, whole and damaged.
@Suite("Frames")
struct FrameTests {
    static let good = Frame(kind: .data, session: 0x0102_0304_0506_0708, payload: Array(0..<100))

    static func bytes(_ frame: Frame) throws -> [UInt8] { try #require(frame.encoded()) }

    /// Feeds `bytes`, then lets deadlines pass until nothing waits. Returns the frames and the faults.
    static func settle(_ bytes: [UInt8]) -> (frames: [Frame], faults: [FrameFault: UInt64]) {
        var decoder = FrameDecoder(frameDeadline: 1000)
        var frames = decoder.feed(bytes, now: 0)
        while let deadline = decoder.deadline { frames += decoder.expire(now: deadline) }
        return (frames, decoder.faults)
    }

    @Test("The header is laid out as the schema says")
    func layout() throws {
        let bytes = try Self.bytes(Frame(kind: .data, session: 0x1122_3344_5566_7788, payload: [9, 8]))
        let header: [UInt8] = [
            0x42, 0x4C, 0x53, 0x54, 1, 3, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 2, 0, 0, 0,
        ]
        let checksum = CRC32C.checksum(header + [9, 8])
        #expect(bytes == header + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) } + [9, 8])
    }

    @Test("Frames of every kind and length come back, in pieces of any size")
    func roundTrip() throws {
        var dice = Dice(seed: 1)
        for piece in [1, 2, 3, 7, 23, 24, 25, 4096, 1_000_000] {
            var frames = [Frame(kind: .resync, session: 1), Frame(kind: .resyncEcho, session: .max)]
            for length in [0, 1, 23, 24, 25, 5000, Frame.maximumPayload] {
                let payload = (0..<length).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
                frames.append(Frame(kind: .data, session: dice.next() | 1, payload: payload))
            }
            let stream = try frames.flatMap(Self.bytes)
            var decoder = FrameDecoder(frameDeadline: 1000)
            var found: [Frame] = []
            for start in stride(from: 0, to: stream.count, by: piece) {
                found += decoder.feed(stream[start..<min(start + piece, stream.count)], now: 5)
            }
            #expect(found == frames)
            #expect(decoder.faults.isEmpty && decoder.pendingBytes == 0 && decoder.deadline == nil)
        }
    }

    @Test("A payload above the limit is not encoded")
    func tooLongToSend() {
        let payload = [UInt8](repeating: 0, count: Frame.maximumPayload + 1)
        #expect(Frame(kind: .data, session: 1, payload: payload).encoded() == nil)
    }

    @Test("A frame cut at any byte is counted once and the next frame is found")
    func cut() throws {
        let bytes = try Self.bytes(Self.good)
        for count in 1..<bytes.count {
            let next = try Self.bytes(Frame(kind: .data, session: 7, payload: [1]))
            let (frames, faults) = Self.settle(Array(bytes[0..<count]) + next)
            #expect(frames.map(\.session) == [7], "cut at \(count)")
            #expect(faults.values.reduce(0, +) == 1, "cut at \(count): \(faults)")
        }
    }

    @Test("Every single flipped bit is detected, counted once, and the next frame is found")
    func flips() throws {
        let original = try Self.bytes(Self.good)
        let next = try Self.bytes(Frame(kind: .data, session: 7, payload: [1]))
        for bit in 0..<original.count * 8 {
            var bytes = original
            bytes[bit / 8] ^= 1 << (bit % 8)
            let (frames, faults) = Self.settle(bytes + next)
            #expect(frames.map(\.session) == [7], "bit \(bit)")
            #expect(faults.values.reduce(0, +) == 1, "bit \(bit): \(faults)")
        }
    }

    /// A header of these parts with a right checksum.
    static func header(version: UInt8 = 1, kind: UInt8 = 3, reserved: UInt8 = 0, session: UInt8 = 5, length: UInt32 = 0)
        -> [UInt8]
    {
        var bytes: [UInt8] = [0x42, 0x4C, 0x53, 0x54, version, kind, reserved, 0, session, 0, 0, 0, 0, 0, 0, 0]
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: length >> UInt32(shift))) }
        let checksum = CRC32C.checksum(bytes)
        return bytes + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }
    }

    @Test("Each fault is counted once under its own name and the next frame is found")
    func named() throws {
        let damaged: [([UInt8], FrameFault)] = [
            (Self.header(version: 0), .badVersion), (Self.header(version: 2), .badVersion),
            (Self.header(kind: 0), .badHeader), (Self.header(kind: 4), .badHeader),
            (Self.header(reserved: 1), .badHeader), (Self.header(session: 0), .badHeader),
            (Self.header(kind: 1, length: 8), .badHeader), (Self.header(length: 65_537), .tooLong),
            (Self.header(length: .max), .tooLong), (Array(Self.header().dropLast()) + [0], .badChecksum),
            (Array("any text".utf8), .garbage), ([0], .garbage), (Array("BLS".utf8), .garbage),
            (Array("BBLBLSBLSS".utf8), .garbage), ([UInt8](repeating: 0x42, count: 500), .garbage),
            (Self.header(length: 60_000), .timedOut),
        ]
        let next = try Self.bytes(Self.good)
        for (bytes, fault) in damaged {
            let (frames, faults) = Self.settle(next + bytes + next + bytes + next)
            #expect(frames == [Self.good, Self.good, Self.good], "\(fault)")
            #expect(faults == [fault: 2], "\(fault): \(faults)")
        }
    }

    @Test("A resync inside the payload of half a frame is found when the deadline has passed, not before")
    func hidden() throws {
        let half = Self.header(length: 1000) + [UInt8](repeating: 0xEE, count: 300)
        let resync = Frame(kind: .resync, session: 77)
        var decoder = FrameDecoder(frameDeadline: 1000)
        #expect(decoder.feed(half, now: 50).isEmpty)
        #expect(try decoder.feed(Self.bytes(resync), now: 900).isEmpty)
        #expect(decoder.deadline == 1050)
        #expect(decoder.expire(now: 1049).isEmpty && decoder.faults.isEmpty)
        #expect(decoder.expire(now: 1050) == [resync])
        #expect(decoder.faults == [.timedOut: 1])
        #expect(decoder.takeFault() == .timedOut && decoder.takeFault() == nil)
        #expect(decoder.deadline == nil && decoder.pendingBytes == 0)
    }

    @Test("The deadline runs from the frame's first byte, and anew for each frame")
    func deadlines() throws {
        let bytes = try Self.bytes(Self.good)
        var decoder = FrameDecoder(frameDeadline: 1000)
        #expect(decoder.feed(bytes[0..<1], now: 10).isEmpty && decoder.deadline == 1010)
        #expect(decoder.feed(bytes[1..<60], now: 500).isEmpty && decoder.deadline == 1010)
        #expect(decoder.feed(bytes[60...] + bytes[0..<10], now: 900) == [Self.good])
        #expect(decoder.deadline == 1900)
        #expect(decoder.feed(bytes[10...], now: 1899) == [Self.good] && decoder.deadline == nil)
    }
}
