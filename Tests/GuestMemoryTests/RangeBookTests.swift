import Testing
import Wire

@testable import GuestMemory

@Suite("Range book")
struct RangeBookTests {
    static let page: UInt64 = 4096

    static func book(limits: OfferLimits = .standard) throws -> RangeBook {
        let region = MemoryRegion(
            guestAddress: 0, length: 1 << 30, file: FileKey(device: 1, inode: 2), fileOffset: 0)
        return RangeBook(map: try MemoryMap(regions: [region]), limits: limits)
    }

    static func code(_ body: () throws -> Void) -> RangeViolation.Code? {
        do { try body() } catch { return (error as? RangeViolation)?.code }
        return nil
    }

    @Test("A chunk is in flight, then held, then released, and the sums follow")
    func life() throws {
        var book = try Self.book()
        try book.begin(chunk: 7, extents: [Extent(firstFrame: 10, frames: 10), Extent(firstFrame: 30, frames: 2)])
        #expect(book.inFlightBytes == 12 * Self.page)
        #expect(book.heldBytes == 0)
        book.finish(chunk: 7, discarded: 11 * Self.page)
        #expect(book.inFlightBytes == 0)
        #expect(book.heldBytes == 12 * Self.page)
        #expect(book.creditedBytes == 11 * Self.page)
        #expect(book.heldFrames() == [7: [10..<20, 30..<32]])
        #expect(
            book.release([7, 8]) == [.released(bytes: 12 * Self.page, credited: 11 * Self.page), .unknown])
        #expect(book.heldBytes == 0 && book.creditedBytes == 0 && book.heldRangeCount == 0)
        #expect(book.discardedBytes == 11 * Self.page)
    }

    @Test("A refused chunk is forgotten, and its frames may be offered again")
    func refused() throws {
        var book = try Self.book()
        try book.begin(chunk: 1, extents: [Extent(firstFrame: 0, frames: 4)])
        book.finish(chunk: 1, discarded: nil)
        #expect(book.heldCount == 0 && book.inFlightCount == 0)
        try book.begin(chunk: 2, extents: [Extent(firstFrame: 0, frames: 4)])
        book.finish(chunk: 9, discarded: 4096)
        #expect(book.inFlightCount == 1)
    }

    @Test("A frame named twice, or in flight, or outside RAM, books nothing of the message")
    func violations() throws {
        var book = try Self.book()
        try book.begin(chunk: 1, extents: [Extent(firstFrame: 100, frames: 100)])
        func offer(_ chunk: UInt64, _ extents: (UInt64, UInt64)...) -> RangeViolation.Code? {
            var copy = book
            let code = Self.code {
                try copy.begin(chunk: chunk, extents: extents.map { Extent(firstFrame: $0.0, frames: $0.1) })
            }
            if code != nil { #expect(copy.inFlightBytes == book.inFlightBytes && copy.inFlightCount == 1) }
            let inventory = Self.code {
                try copy.inventory(chunk: chunk, extents: extents.map { Extent(firstFrame: $0.0, frames: $0.1) })
            }
            if code != nil { #expect(inventory == code) }
            return code
        }
        #expect(offer(2, (0, 4), (0, 4)) == .overlapsItself)
        #expect(offer(2, (8, 4), (0, 9)) == .overlapsItself)
        #expect(offer(2, (0, 4), (50, 51)) == .overlapsInFlight)
        #expect(offer(2, (199, 1)) == .overlapsInFlight)
        #expect(offer(1, (0, 1)) == .chunkInFlight)
        #expect(offer(2) == .empty)
        #expect(offer(2, (0, 0)) == .empty)
        #expect(offer(2, (.max, .max)) == .wraps)
        #expect(offer(2, (1 << 51, 1 << 51)) == .wraps)
        #expect(offer(2, (1 << 18, 1)) == .outsideRAM)
        #expect(offer(2, (0, 16385)) == .tooLong)
        #expect(offer(2, (0, 16384), (20000, 1)) == .tooLong)
        #expect(offer(2, (0, 100), (200, 1)) == nil)
        #expect(book.release([1]) == [.inFlight])
    }

    @Test("What one guest can make the host remember is bounded")
    func bounds() throws {
        let limits = OfferLimits(chunkBytes: 1 << 20, extentsPerChunk: 4, chunks: 3, heldRanges: 20, chunksInFlight: 2)
        var book = try Self.book(limits: limits)
        let extents = (0..<5).map { Extent(firstFrame: $0 * 2, frames: 1) }
        #expect(Self.code { try book.begin(chunk: 1, extents: extents) } == .tooManyExtents)
        try book.begin(chunk: 1, extents: [Extent(firstFrame: 0, frames: 1)])
        try book.begin(chunk: 2, extents: [Extent(firstFrame: 2, frames: 1)])
        #expect(
            Self.code { try book.begin(chunk: 3, extents: [Extent(firstFrame: 4, frames: 1)]) } == .tooManyInFlight)
        book.finish(chunk: 1, discarded: 4096)
        book.finish(chunk: 2, discarded: 4096)
        try book.inventory(chunk: 3, extents: [Extent(firstFrame: 4, frames: 1)])
        #expect(Self.code { try book.inventory(chunk: 4, extents: [Extent(firstFrame: 6, frames: 1)]) } == .tooManyHeld)
        #expect(Self.code { try book.begin(chunk: 4, extents: [Extent(firstFrame: 6, frames: 1)]) } == .tooManyHeld)
        try book.begin(chunk: 3, extents: [Extent(firstFrame: 6, frames: 1)], again: true)
        book.finish(chunk: 3, discarded: 4096)
        var many = try Self.book(limits: limits)
        var refused = false
        for round in 0..<20 {
            let extents = (0..<4).map { Extent(firstFrame: UInt64(round * 20 + $0 * 2), frames: 1) }
            refused = Self.code { try many.inventory(chunk: UInt64(round % 3), extents: extents) } != nil || refused
            #expect(many.heldRangeCount <= limits.heldRanges)
        }
        #expect(!refused)
    }

    @Test("A part that is offered again makes the chunk no larger; the whole chunk offered again replaces it")
    func again() throws {
        var book = try Self.book()
        try book.inventory(chunk: 1, extents: [Extent(firstFrame: 0, frames: 100)])
        #expect(book.heldBytes == 100 * Self.page && book.creditedBytes == 0)
        try book.begin(chunk: 1, extents: [Extent(firstFrame: 500, frames: 10)], again: true)
        book.finish(chunk: 1, discarded: 10 * Self.page)
        #expect(book.heldBytes == 100 * Self.page && book.creditedBytes == 10 * Self.page)
        #expect(book.heldFrames() == [1: [0..<100, 500..<510]])
        try book.begin(chunk: 1, extents: [Extent(firstFrame: 600, frames: 100)], again: true)
        book.finish(chunk: 1, discarded: 100 * Self.page)
        #expect(book.heldFrames() == [1: [600..<700]])
        #expect(book.heldBytes == 100 * Self.page && book.creditedBytes == 100 * Self.page)
    }

    @Test("Drifting frames are always booked for whoever named them last", arguments: 0..<12)
    func drift(seed: UInt64) throws {
        var random = Seeded(state: seed)
        var book = try Self.book()
        var owner = [UInt64?](repeating: nil, count: 200)
        for _ in 0..<300 {
            let chunk = UInt64.random(in: 0..<8, using: &random)
            if UInt.random(in: 0..<4, using: &random) == 0 {
                _ = book.release([chunk])
                owner = owner.map { $0 == chunk ? nil : $0 }
                #expect(book.heldBytes(of: chunk) == nil)
            } else {
                var extents: [Extent] = []
                var at = UInt64.random(in: 0..<40, using: &random)
                while at < 190, extents.count < 5 {
                    let frames = UInt64.random(in: 1...9, using: &random)
                    extents.append(Extent(firstFrame: at, frames: frames))
                    at += frames + UInt64.random(in: 0..<30, using: &random)
                }
                extents.shuffle(using: &random)
                let inventory = Bool.random(using: &random)
                if inventory {
                    try book.inventory(chunk: chunk, extents: extents)
                } else {
                    try book.begin(chunk: chunk, extents: extents)
                    book.finish(chunk: chunk, discarded: Extent.totalBytes(extents))
                }
                owner = owner.map { $0 == chunk ? nil : $0 }
                for extent in extents {
                    for frame in extent.firstFrame..<(extent.firstFrame + extent.frames) { owner[Int(frame)] = chunk }
                }
                #expect(book.heldBytes(of: chunk) == Extent.totalBytes(extents))
            }
            var booked = [UInt64?](repeating: nil, count: 200)
            for (chunk, ranges) in book.heldFrames() {
                for frame in ranges.joined() {
                    #expect(booked[Int(frame)] == nil)
                    booked[Int(frame)] = chunk
                }
            }
            #expect(booked == owner)
            #expect(book.creditedBytes <= book.heldBytes)
        }
        _ = book.release(Array(0..<8))
        #expect(book.heldBytes == 0 && book.creditedBytes == 0 && book.heldRangeCount == 0)
    }
}
