import Glibc
import Linux
import SystemPackage
import Testing
import Wire

@testable import Balloon

@Suite("Messages between agent and holder")
struct HolderCodingTests {
    @Test("Every order survives its encoding")
    func requests() throws {
        let nonce = Nonce(low: .max, high: 1)
        let requests: [HolderRequest] = [
            .build(chunk: .max, bytes: 32 << 20, slot: 3, nonce: nonce), .unpin(chunk: 1, slot: 2),
            .release(chunk: 2, afterUnpin: true), .release(chunk: 2, afterUnpin: false), .releaseAllHeld,
            .inventory(chunk: 3), .reoffer(chunk: 4, slot: 0, nonce: nonce, onlyMoved: true),
            .reoffer(chunk: 4, slot: 0, nonce: nonce, onlyMoved: false),
            .reoffer(chunk: 4, slot: 0, nonce: nonce, onlyMoved: true, wholePages: true),
            .build(chunk: 1, bytes: 4 << 20, slot: 2, nonce: nonce, wholePages: true), .list, .abort(chunk: 5),
            .setScore(-1000),
            .exit,
        ]
        for request in requests {
            let bytes = encode(request.header)
            let header = try #require(unsafe bytes.withUnsafeBytes { unsafe HolderCoding.Header($0) })
            #expect(HolderRequest(header) == request)
        }
    }

    @Test("Messages of another version, cut ones and wrong counts are garbled, not trusted")
    func garbled() {
        var header = HolderCoding.Header(.built)
        header.count = 2
        var bytes = encode(header)
        #expect(feed(bytes) == .garbled, "two extents are announced and none is there")
        header.count = .max
        #expect(feed(encode(header)) == .garbled)
        header.count = 0
        bytes = encode(header)
        #expect(feed(bytes) == .event(.built(chunk: 0, slot: 0, extents: [])))
        for length in 0..<bytes.count { #expect(feed(Array(bytes[..<length])) == .garbled) }
        bytes[0] ^= 1
        #expect(feed(bytes) == .garbled)
        #expect(feed(encode(HolderRequest.list.header)) == .garbled, "an order is no event")
    }

    @Test("Extents come in parts and are put together; a stranger between them is garbled")
    func parts() throws {
        let outbox = try HolderOutbox()
        let (left, right) = try UnixSocket.pair(.sequentialPacket)
        var header = HolderCoding.Header(.built)
        header.chunk = 9
        header.flags = 0
        header.count = 1
        unsafe outbox.append(header, bytes: 16) { part in
            unsafe HolderCoding.store64(part, 0, 100)
            unsafe HolderCoding.store64(part, 8, 5)
        }
        header.flags = HolderCoding.lastPart
        unsafe outbox.append(header, bytes: 16) { part in
            unsafe HolderCoding.store64(part, 0, 200)
            unsafe HolderCoding.store64(part, 8, 1)
        }
        #expect(outbox.flush(left.descriptor))
        #expect(outbox.isEmpty)
        var decoder = HolderEventDecoder()
        let first = try receive(right)
        let second = try receive(right)
        #expect(unsafe first.withUnsafeBytes { unsafe decoder.feed($0) } == .partial)
        let event = unsafe second.withUnsafeBytes { unsafe decoder.feed($0) }
        let extents = [Extent(firstFrame: 100, frames: 5), Extent(firstFrame: 200, frames: 1)]
        #expect(event == .event(.built(chunk: 9, slot: 0, extents: extents)))
        _ = unsafe first.withUnsafeBytes { unsafe decoder.feed($0) }
        let stranger = encode(HolderCoding.Header(.released))
        #expect(unsafe stranger.withUnsafeBytes { unsafe decoder.feed($0) } == .garbled)
    }

    @Test("An outbox keeps what a slow agent does not take, in order, and says when it is full")
    func slow() throws {
        let outbox = try HolderOutbox()
        let (left, right) = try UnixSocket.pair(.sequentialPacket)
        var sent: UInt64 = 0
        var received: UInt64 = 0
        var header = HolderCoding.Header(.released)
        for round in 0..<40 {
            while true {
                header.chunk = sent + 1
                guard unsafe outbox.append(header, bytes: 4096, fill: { _ in }) else { break }
                sent += 1
            }
            #expect(outbox.isNearlyFull)
            #expect(outbox.flush(left.descriptor))
            var expected = received
            while let bytes = try? receive(right), !bytes.isEmpty {
                expected += 1
                let got = unsafe bytes.withUnsafeBytes { unsafe HolderCoding.Header($0) }
                #expect(got?.chunk == expected)
                if round < 39 { break }
                _ = outbox.flush(left.descriptor)
            }
            received = expected
        }
        #expect(received == sent)
        // Not close: a process that is being started beside us may hold a copy for a moment.
        #expect(shutdown(right.rawValue, Int32(SHUT_RDWR)) == 0)
        outbox.append(header)
        #expect(!outbox.flush(left.descriptor))
    }

    @Test("Frames become sorted runs; a frame seen twice is found")
    func runs() {
        #expect(coalesced([5, 4, 3, 9, 1]) == [1, 1, 3, 3, 9, 1])
        #expect(coalesced([]) == [])
        #expect(coalesced([7]) == [7, 1])
        #expect(coalesced([1, 2, 2]) == nil)
        #expect(coalesced([2, 1, 2]) == nil)
    }

    private func coalesced(_ frames: [UInt64]) -> [UInt64]? {
        let copy = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: max(1, frames.count))
        let runs = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: max(1, frames.count * 2))
        defer {
            unsafe copy.deallocate()
            unsafe runs.deallocate()
        }
        _ = unsafe copy.initialize(from: frames)
        let part = unsafe UnsafeMutableBufferPointer(rebasing: copy[..<frames.count])
        if unsafe FrameRuns.sortAndFindDuplicate(part) { return nil }
        let count = unsafe FrameRuns.coalesce(UnsafeBufferPointer(part), into: runs)
        return unsafe Array(runs[..<(count * 2)])
    }

    private func encode(_ header: HolderCoding.Header) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: HolderCoding.headerBytes)
        unsafe bytes.withUnsafeMutableBytes { unsafe header.write(to: $0) }
        return bytes
    }

    private func feed(_ bytes: [UInt8]) -> HolderEventDecoder.Outcome {
        var decoder = HolderEventDecoder()
        return unsafe bytes.withUnsafeBytes { unsafe decoder.feed($0) }
    }

    private func receive(_ socket: OwnedDescriptor) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let outcome = try unsafe bytes.withUnsafeMutableBytes {
            try unsafe ByteChannel.receive(socket.descriptor, into: $0)
        }
        guard case .bytes(let count) = outcome else { return [] }
        return Array(bytes[..<count])
    }
}
