import Testing
import Wire

/// Memory and time of the frame decoder under streams that are not what they should be.
@Suite("The frame decoder stays within its bounds")
struct FrameBoundsTests {
    private static let megabytes = 10 << 20
    private static let piece = 8192

    /// Feeds 10 MiB of repeated `pattern` and returns the most bytes that ever waited.
    private func mostPending(_ decoder: inout FrameDecoder, _ pattern: [UInt8]) -> Int {
        var stream: [UInt8] = []
        while stream.count < Self.piece + pattern.count { stream += pattern }
        var (most, offset, fed) = (0, 0, 0)
        while fed < Self.megabytes {
            _ = decoder.feed(stream[offset..<offset + Self.piece], now: 1)
            most = max(most, decoder.pendingBytes)
            offset = (offset + Self.piece) % pattern.count
            fed += Self.piece
        }
        return most
    }

    @Test("10 MiB of garbage or of half frames never make more than one frame wait", arguments: [false, true])
    func memory(onlyResync: Bool) {
        var dice = Dice(seed: 3)
        let noise = (0..<50_000).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
        let half = FrameTests.header(length: 65_536) + [UInt8](repeating: 1, count: 3000)
        let resyncs = FrameTests.header(kind: 1).dropLast() + [0]
        for pattern in [noise, half, Array("BLST".utf8), Array("BLS".utf8), Array(resyncs), [0x42]] {
            var decoder = FrameDecoder(frameDeadline: 1000)
            decoder.onlyResync = onlyResync
            let most = mostPending(&decoder, pattern)
            #expect(most < (onlyResync ? Frame.headerBytes : Frame.headerBytes + Frame.maximumPayload))
            // The stream is still usable afterwards.
            var found = decoder.feed(FrameTests.header(kind: 1), now: 2)
            while let deadline = decoder.deadline { found += decoder.expire(now: deadline) }
            #expect(found == [Frame(kind: .resync, session: 5)])
        }
    }

    @Test("While only a resync counts, hostile headers cost one pass")
    func linear() {
        // Outside this mode each of these headers would ask for the checksum of 64 KiB.
        let pattern = FrameTests.header(length: 65_536)
        var decoder = FrameDecoder(frameDeadline: 1000)
        decoder.onlyResync = true
        let seconds = cpuSeconds { _ = mostPending(&decoder, pattern) }
        #expect(seconds < 3)
        #expect(decoder.faults == [.garbage: 1])
    }

    @Test("A frame that arrives byte by byte costs time in proportion to its length")
    func byteByByte() throws {
        let bytes = try FrameTests.bytes(
            Frame(kind: .data, session: 1, payload: [UInt8](repeating: 7, count: Frame.maximumPayload)))
        var decoder = FrameDecoder(frameDeadline: 1000)
        var found = 0
        let seconds = cpuSeconds { for byte in bytes { found += decoder.feed([byte], now: 1).count } }
        #expect(found == 1)
        #expect(seconds < 1)
    }

    @Test("Data is dropped while only a resync counts")
    func onlyResync() throws {
        var decoder = FrameDecoder(frameDeadline: 1000)
        decoder.onlyResync = true
        let echo = Frame(kind: .resyncEcho, session: 9)
        let stream = try FrameTests.bytes(FrameTests.good) + FrameTests.bytes(echo) + FrameTests.bytes(FrameTests.good)
        #expect(decoder.feed(stream, now: 1) == [echo])
        #expect(decoder.faults == [.garbage: 2])
        decoder.onlyResync = false
        #expect(try decoder.feed(FrameTests.bytes(FrameTests.good), now: 1) == [FrameTests.good])
    }

    @Test("Forgetting leaves nothing of the old stream")
    func reset() throws {
        var decoder = FrameDecoder(frameDeadline: 1000)
        _ = decoder.feed(FrameTests.header(length: 5000), now: 1)
        decoder.reset()
        #expect(decoder.pendingBytes == 0 && decoder.deadline == nil)
        #expect(try decoder.feed(FrameTests.bytes(FrameTests.good), now: 1) == [FrameTests.good])
        #expect(decoder.faults.isEmpty)
    }

    @Test("Random streams with frames in them: every whole frame that follows enough silence is found")
    func random() throws {
        var dice = Dice(seed: 8)
        for _ in 0..<500 {
            var decoder = FrameDecoder(frameDeadline: 10)
            for turn in 0..<20 {
                var noise = dice.bytes(200)
                if dice.flag() { noise += FrameTests.header(length: UInt32(dice.roll(0..<70_000))) + dice.bytes(50) }
                _ = decoder.feed(noise, now: UInt64(turn) * 1000)
                while let deadline = decoder.deadline { _ = decoder.expire(now: deadline) }
                let frame = Frame(kind: .data, session: UInt64(turn) + 1000, payload: dice.bytes(300))
                #expect(try decoder.feed(FrameTests.bytes(frame), now: UInt64(turn) * 1000 + 500) == [frame])
            }
        }
    }

    @Test("Where nothing of an earlier peer can be on a stream, the first fault drops the rest of it unread")
    func stopsAtFault() throws {
        let frame = try #require(Frame(kind: .resync, session: 5).encoded())
        // Each header claims a long payload: without the stop all of them are summed up, one after the other.
        var bad = try #require(Frame(kind: .data, session: 5, payload: [UInt8](repeating: 1, count: 100)).encoded())
        bad[20] ^= 1
        for stops in [false, true] {
            var decoder = FrameDecoder(frameDeadline: 1_000_000_000)
            decoder.stopsAtFault = stops
            let frames = decoder.feed(frame + bad + frame, now: 1)
            #expect(frames.count == (stops ? 1 : 2))
            #expect(decoder.faults[.badChecksum] == 1)
            #expect(decoder.deadline == nil)
        }
    }
}
