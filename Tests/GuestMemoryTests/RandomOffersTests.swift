import Testing
import Wire

@testable import GuestMemory

@Suite("Random offers")
struct RandomOffersTests {
    @Test("Through thousands of offers, right and wrong, exactly the right ones' pages are gone", arguments: 0..<4)
    func mixture(seed: UInt64) throws {
        let size = 2 << 20
        let frames = UInt64(size / 4096)
        let ram = try TestRAM(size: size)
        ram.fill()
        let map = try ram.splitMap(low: 1 << 20)
        let high: UInt64 = (4 << 30) / 4096
        let engine = try DiscardEngineTests.engine(map, ram.file.lock())
        var book = RangeBook(map: map)
        var random = Seeded(state: seed)
        let shadow = Shadow(of: ram)
        var counts: [Int32: Int] = [:]

        /// The guest frame of a page of the file.
        func guest(_ page: UInt64) -> UInt64 { page < 256 ? page : high + page - 256 }

        for chunk in 1...1000 as ClosedRange<UInt64> {
            var extents: [Extent] = []
            var pages: [UInt64] = []
            var at = UInt64.random(in: 0..<frames, using: &random)
            for _ in 0..<Int.random(in: 1...6, using: &random) where at < frames {
                let border: UInt64 = at < 256 ? 256 : frames
                let count = min(border - at, UInt64.random(in: 1...40, using: &random))
                extents.append(Extent(firstFrame: guest(at), frames: count))
                pages += Array(at..<(at + count))
                at += count + UInt64.random(in: 0...60, using: &random)
            }
            extents.shuffle(using: &random)
            // The guest populates and stamps.
            for page in pages {
                let bytes = TestRAM.stampedPage(address: guest(page) * 4096, chunk: chunk)
                ram.write(bytes, at: page * 4096)
                shadow.set(bytes, at: Int(page) * 4096)
            }
            var offer = DiscardEngineTests.offer(extents, chunk: chunk)
            let fence = SessionFence()
            var expected = OfferResult.Status.discarded
            let victim = Int.random(in: 0..<extents.count, using: &random)
            switch UInt64.random(in: 0..<12, using: &random) {
            case 0:
                offer.chunk += 1
                expected = .refusedStamp
            case 1:
                offer.nonce = .random(using: &random)
                expected = .refusedStamp
            case 2:
                offer.receivedAt -= min(offer.receivedAt, DiscardEngine.longestAge + 1)
                expected = .refusedStale
            case 3:
                fence.close()
                expected = .refusedState
            case 4:
                offer.extents.append(extents[victim])
                expected = .refusedRange
            case 5:
                offer.extents[victim].firstFrame += frames
                expected = .refusedRange
            case 6:
                offer.extents[victim].frames = random.next() | 1 << 40
                expected = .refusedRange
            case 7:
                let page = pages[Int.random(in: 0..<pages.count, using: &random)]
                let place = page * 4096 + UInt64.random(in: 0..<48, using: &random)
                let wrong = [ram.read(at: place, count: 1)[0] ^ 0x10]
                ram.write(wrong, at: place)
                shadow.set(wrong, at: Int(place))
                expected = .refusedStamp
            case 8:
                // Drifted by one page into what is not this chunk's.
                offer.extents = extents.map { Extent(firstFrame: $0.firstFrame + 1, frames: $0.frames) }
                expected = .unspecified
            default: break
            }
            let outcome: DiscardOutcome
            do throws(RangeViolation) {
                try book.begin(chunk: offer.chunk, extents: offer.extents)
                outcome = engine.discard(offer, fence: fence)
                book.finish(chunk: offer.chunk, discarded: outcome.isDiscarded ? outcome.discardedBytes : nil)
            } catch {
                outcome = engine.discard(offer, fence: fence)
                #expect(outcome.violation == error || outcome.violation?.code == error.code)
            }
            counts[outcome.status.rawValue, default: 0] += 1
            if expected == .unspecified {
                #expect(!outcome.isDiscarded)
            } else {
                #expect(outcome.status == expected)
            }
            if outcome.isDiscarded {
                #expect(outcome.discardedBytes == UInt64(pages.count) * 4096)
                for page in pages { shadow.clear(Int(page) * 4096..<Int(page + 1) * 4096) }
            }
            try #require(shadow.isEqual(to: ram))
        }
        for status in [.discarded, .refusedStamp, .refusedRange, .refusedStale, .refusedState] as [OfferResult.Status] {
            #expect(counts[status.rawValue, default: 0] > 20)
        }
        #expect(try Residency.total(of: [ram.file]) < UInt64(size))
    }
}
