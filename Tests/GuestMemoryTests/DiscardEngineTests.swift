import Synchronization
import Testing
import Wire

@testable import GuestMemory

/// Engines over real memory, and what they must never touch.
@Suite("Discard engine")
struct DiscardEngineTests {
    static let mebibyte: UInt64 = 1 << 20

    /// Time stands still in these tests unless they move it, so that a busy machine makes no offer stale.
    static let now: UInt64 = 10_000_000_000

    static func engine(_ map: MemoryMap, _ locks: FileLock...) throws -> DiscardEngine {
        try DiscardEngine(map: map, locks: locks, clock: { now })
    }

    static func offer(
        _ extents: [Extent], chunk: UInt64 = 1, nonce: Nonce = .test, receivedAt: UInt64? = nil
    ) -> DiscardOffer {
        DiscardOffer(
            chunk: chunk, extents: extents, nonce: nonce, receivedAt: receivedAt ?? now)
    }

    /// A clock that tests move, and that calls them back at each look.
    final class Clock: Sendable {
        let now = Atomic<UInt64>(DiscardEngineTests.now)
        let looks = Atomic<Int>(0)
        let onLook: @Sendable (Clock, Int) -> Void
        init(onLook: @escaping @Sendable (Clock, Int) -> Void = { _, _ in }) { self.onLook = onLook }
        func read() -> UInt64 {
            onLook(self, looks.add(1, ordering: .relaxed).newValue)
            return now.load(ordering: .relaxed)
        }
    }

    @Test("What was offered and stamped leaves the host, across regions, and nothing else")
    func discards() throws {
        let ram = try TestRAM(size: 16 << 20)
        ram.fill()
        let map = try ram.splitMap(low: 8 << 20)
        let lock = try ram.file.lock()
        let engine = try Self.engine(map, lock)
        let extents = [
            Extent(at: 4 << 30, bytes: Self.mebibyte), Extent(at: 2 << 20, bytes: Self.mebibyte),
            Extent(at: 3 << 20, bytes: 8192), Extent(at: (8 << 20) - 4096, bytes: 4096),
        ]
        try ram.stamp(extents, map: map)
        let before = ram.residentBytes
        let shadow = Shadow(of: ram)
        let bytes = 2 * Self.mebibyte + 12288
        let outcome = engine.discard(Self.offer(extents), fence: SessionFence())
        #expect(outcome.status == .discarded)
        #expect(outcome.isDiscarded && outcome.detail.isEmpty)
        #expect(outcome.discardedBytes == bytes && outcome.offeredBytes == bytes)
        // The end of low RAM and the start of high RAM are neighbours in the file.
        #expect(outcome.ranges == 2)
        #expect(before - ram.residentBytes == bytes)
        for range in [(2 << 20)..<((3 << 20) + 8192), ((8 << 20) - 4096)..<(9 << 20)] {
            shadow.clear(range)
        }
        #expect(shadow.isEqual(to: ram))
        #expect(before - ram.residentBytes == bytes)
        // The same offer once more: the stamps are gone with the pages.
        #expect(engine.discard(Self.offer(extents), fence: SessionFence()).status == .refusedStamp)
        // By the real clock too.
        let real = try DiscardEngine(map: map, locks: [lock])
        try ram.stamp(extents, map: map)
        let now = DiscardEngine.bootTime()
        #expect(real.discard(Self.offer(extents, receivedAt: now), fence: SessionFence()).isDiscarded)
    }

    @Test(
        "One wrong bit in any field of any page refuses the whole chunk",
        arguments: [0, 7, 8, 15, 16, 23, 24, 31, 32, 39, 40, 43, 44, 47], [0, 255, 511, 1023])
    func wrongStamp(byte: UInt64, page: UInt64) throws {
        let ram = try TestRAM(size: 8 << 20)
        let map = try ram.flatMap()
        let extents = [Extent(at: 0, bytes: 2 << 20), Extent(at: 4 << 20, bytes: 2 << 20)]
        try ram.stamp(extents, map: map)
        let frame = page < 512 ? page : page + 512
        let old = ram.read(at: frame * 4096 + byte, count: 1)
        ram.write([old[0] ^ 1], at: frame * 4096 + byte)
        let digest = ram.digest()
        let resident = ram.residentBytes
        let engine = try Self.engine(map, ram.file.lock())
        let outcome = engine.discard(Self.offer(extents), fence: SessionFence())
        #expect(outcome.status == .refusedStamp)
        #expect(outcome.fault == StampFault(frame: frame, pagesBefore: page))
        #expect(outcome.discardedBytes == 0)
        #expect(ram.residentBytes == resident)
        #expect(ram.digest() == digest)
    }

    @Test("Another chunk's, another session's and no stamps at all are refused, and holes stay holes")
    func foreignStamps() throws {
        let ram = try TestRAM(size: 8 << 20)
        let map = try ram.flatMap()
        let extents = [Extent(at: 0, bytes: Self.mebibyte)]
        try ram.stamp(extents, map: map)
        let digest = ram.digest()
        let engine = try Self.engine(map, ram.file.lock())
        for offer in [
            Self.offer(extents, chunk: 2), Self.offer(extents, nonce: Nonce(low: Nonce.test.low, high: 0)),
            Self.offer(extents, nonce: Nonce(low: 1, high: Nonce.test.high)),
            Self.offer([Extent(at: Self.mebibyte - 4096, bytes: 8192)]),
            Self.offer([Extent(at: 4 << 20, bytes: Self.mebibyte)]),
        ] {
            #expect(engine.discard(offer, fence: SessionFence()).status == .refusedStamp)
        }
        #expect(ram.digest() == digest)
        #expect(ram.residentBytes == Self.mebibyte)
    }

    @Test("A host with a wrong map discards nothing: shifted, low and high RAM exchanged, another VM's file")
    func wrongMaps() throws {
        let gibibyte: UInt64 = 1 << 30
        let ram = try TestRAM(size: 4 << 30)
        let stranger = try TestRAM(size: 4 << 30)
        func region(_ address: UInt64, _ length: UInt64, _ offset: UInt64, _ file: FileKey) -> MemoryRegion {
            MemoryRegion(guestAddress: address, length: length, file: file, fileOffset: offset)
        }
        let key = ram.file.key
        let right = try MemoryMap(regions: [
            region(0, 2 * gibibyte, 0, key), region(4 * gibibyte, 2 * gibibyte, 2 * gibibyte, key),
        ])
        let low = Extent(at: gibibyte, bytes: 2 << 20)
        let high = Extent(at: 5 * gibibyte, bytes: 2 << 20)
        // Everything that a wrong map might hit has contents; what is not offered is the guest's own.
        for address in [0, gibibyte, 2 * gibibyte, 3 * gibibyte] {
            ram.fill(at: address, bytes: 4 << 20)
            stranger.fill(at: address, bytes: 4 << 20)
        }
        try ram.stamp([low, high], map: right)
        let digest = ram.digest()
        let strangers = stranger.digest()
        let locks = [try ram.file.lock(), try stranger.file.lock()]
        let maps = [
            "+4 KiB": [region(0, 2 * gibibyte, 4096, key), region(4 * gibibyte, gibibyte, 3 * gibibyte, key)],
            "-4 KiB": [
                region(4096, 2 * gibibyte, 0, key), region(4 * gibibyte + 4096, 2 * gibibyte, 2 * gibibyte, key),
            ],
            "+1 GiB": [region(0, 2 * gibibyte, gibibyte, key), region(4 * gibibyte, gibibyte, 3 * gibibyte, key)],
            "-1 GiB": [
                region(gibibyte, 2 * gibibyte, 0, key), region(5 * gibibyte, 2 * gibibyte, 2 * gibibyte, key),
            ],
            "exchanged": [region(0, 2 * gibibyte, 2 * gibibyte, key), region(4 * gibibyte, 2 * gibibyte, 0, key)],
            "other file": right.regions.map { region($0.guestAddress, $0.length, $0.fileOffset, stranger.file.key) },
        ]
        for (name, regions) in maps {
            let engine = try DiscardEngine(map: try MemoryMap(regions: regions), locks: locks, clock: { Self.now })
            for extent in [low, high] {
                let status = engine.discard(Self.offer([extent]), fence: SessionFence()).status
                #expect([.refusedStamp, .refusedRange].contains(status), "\(name)")
            }
        }
        #expect(ram.digest() == digest)
        #expect(stranger.digest() == strangers)
        let engine = try DiscardEngine(map: right, locks: locks, clock: { Self.now })
        #expect(engine.discard(Self.offer([low, high]), fence: SessionFence()).status == .discarded)
    }

    @Test("Every violation of ranges is refused before a stamp is read, and nothing changes")
    func violations() throws {
        let ram = try TestRAM(size: 128 << 20)
        let map = try ram.splitMap(low: 64 << 20)
        let all = [Extent(at: 0, bytes: 64 << 20), Extent(at: 4 << 30, bytes: 64 << 20)]
        try ram.stamp(all, map: map)
        let engine = try Self.engine(map, ram.file.lock())
        let one = Extent(firstFrame: 0, frames: 1)
        let cases: [([Extent], RangeViolation.Code)] = [
            ([], .empty),
            ([one, Extent(firstFrame: 5, frames: 0)], .empty),
            ([one, Extent(firstFrame: .max, frames: 1)], .wraps),
            ([one, Extent(firstFrame: 1, frames: .max)], .wraps),
            ([Extent(firstFrame: (1 << 52) - 4, frames: 8)], .wraps),
            ([one, one], .overlapsItself),
            ([Extent(firstFrame: 0, frames: 4), Extent(firstFrame: 3, frames: 4)], .overlapsItself),
            ([Extent(firstFrame: 0, frames: 9), Extent(firstFrame: 3, frames: 1)], .overlapsItself),
            ([one, Extent(at: 64 << 20, bytes: 4096)], .outsideRAM),
            ([one, Extent(at: (64 << 20) - 4096, bytes: 8192)], .outsideRAM),
            ([one, Extent(at: 0xFFFC_0000, bytes: 65536)], .outsideRAM),
            ([one, Extent(at: (4 << 30) + (64 << 20), bytes: 4096)], .outsideRAM),
            ([Extent(at: 0, bytes: 64 << 20), Extent(at: 4 << 30, bytes: 4096)], .tooLong),
            ([Extent(firstFrame: 0, frames: 1 << 40)], .tooLong),
            ((0..<8193).map { Extent(firstFrame: $0 * 2 % 16384, frames: 1) }, .tooManyExtents),
        ]
        for (extents, code) in cases {
            let outcome = engine.discard(Self.offer(extents), fence: SessionFence())
            #expect(outcome.status == .refusedRange)
            #expect(outcome.violation?.code == code)
            #expect(outcome.detail.isEmpty == false)
        }
        #expect(ram.residentBytes == 128 << 20)
        #expect(engine.discard(Self.offer([all[1]]), fence: SessionFence()).status == .discarded)
        #expect(ram.residentBytes == 64 << 20)
    }

    @Test("On huge pages only whole ones are discarded")
    func unaligned() throws {
        let ram = try TestRAM(size: 8 << 20)
        let map = try ram.flatMap(pageBytes: 2 << 20)
        let engine = try Self.engine(map, ram.file.lock())
        try ram.stamp([Extent(at: 0, bytes: 8 << 20)], map: map)
        for extent in [Extent(at: 0, bytes: 4096), Extent(at: 4096, bytes: 2 << 20), Extent(at: 0, bytes: 3 << 20)] {
            let outcome = engine.discard(Self.offer([extent]), fence: SessionFence())
            #expect(outcome.violation?.code == .unaligned)
        }
        #expect(ram.residentBytes == 8 << 20)
        #expect(engine.discard(Self.offer([Extent(at: 2 << 20, bytes: 4 << 20)]), fence: SessionFence()).isDiscarded)
    }

    @Test("An offer older than a second is refused: on arrival, after its stamps, and between its ranges")
    func stale() throws {
        let ram = try TestRAM(size: 8 << 20)
        let map = try ram.flatMap()
        let extents = [Extent(at: 0, bytes: Self.mebibyte), Extent(at: 2 << 20, bytes: Self.mebibyte)]
        try ram.stamp(extents, map: map)
        let lock = try ram.file.lock()
        let digest = ram.digest()
        let start = Self.now
        let limit = DiscardEngine.longestAge
        for received in [start - limit - 1, start + 1, 0] {
            let clock = Clock()
            let engine = try DiscardEngine(map: map, locks: [lock], clock: clock.read)
            let outcome = engine.discard(Self.offer(extents, receivedAt: received), fence: SessionFence())
            #expect(outcome.status == .refusedStale)
        }
        #expect(ram.digest() == digest)
        // Time jumps at the N-th look; every jump before the first range leaves everything as it is.
        var statuses: [OfferResult.Status] = []
        for look in 1...20 {
            try ram.stamp(extents, map: map)
            let clock = Clock { clock, now in
                if now == look { clock.now.add(limit + 1, ordering: .relaxed) }
            }
            let engine = try DiscardEngine(map: map, locks: [lock], clock: clock.read)
            let outcome = engine.discard(Self.offer(extents, receivedAt: start), fence: SessionFence())
            statuses.append(outcome.status)
            #expect((outcome.status == .refusedStale) == (ram.digest() == digest))
            #expect(outcome.discardedBytes == 2 * Self.mebibyte - ram.residentBytes)
            if outcome.status == .failed { #expect(outcome.discardedBytes == Self.mebibyte) }
        }
        #expect(statuses.contains(.refusedStale))
        #expect(statuses.contains(.failed))
        #expect(statuses.last == .discarded)
    }

    @Test("A session that ends refuses what comes later and stops between two ranges")
    func fenceCloses() throws {
        let ram = try TestRAM(size: 8 << 20)
        let map = try ram.flatMap()
        let extents = (0..<4).map { Extent(at: UInt64($0) << 20, bytes: 4096) }
        let lock = try ram.file.lock()
        var left: Set<UInt64> = []
        for look in 1...20 {
            try ram.stamp(extents, map: map)
            let fence = SessionFence()
            let clock = Clock { _, now in if now == look { fence.close() } }
            let engine = try DiscardEngine(map: map, locks: [lock], clock: clock.read)
            let outcome = engine.discard(Self.offer(extents, receivedAt: Self.now), fence: fence)
            #expect(outcome.discardedBytes == 16384 - ram.residentBytes)
            switch outcome.status {
            case .refusedState: #expect(ram.residentBytes == 16384)
            case .failed: #expect(outcome.detail.contains("the session has ended"))
            default: #expect(outcome.status == .discarded)
            }
            left.insert(ram.residentBytes)
            guard !fence.isOpen else { continue }
            #expect(engine.discard(Self.offer(extents), fence: fence).status == .refusedState)
        }
        // Closed before the first, the second, the third, the fourth range, and never.
        #expect(left == [0, 4096, 8192, 12288, 16384])
    }

    @Test("Strict mode reads the stamps again: a page that changed while the VM was being paused is kept")
    func strict() throws {
        let ram = try TestRAM(size: 8 << 20)
        let map = try ram.flatMap()
        let engine = try Self.engine(map, ram.file.lock())
        let extents = [Extent(at: 0, bytes: 2 << 20)]
        try ram.stamp(extents, map: map)
        guard case .ready(let changed) = engine.prepare(Self.offer(extents), fence: SessionFence()) else {
            Issue.record("the offer was refused")
            return
        }
        ram.fill(at: 1 << 20, bytes: 4096)
        let digest = ram.digest()
        let refused = engine.commit(changed, rereading: true)
        #expect(refused.status == .refusedStamp && refused.fault?.frame == 256)
        #expect(ram.digest() == digest)
        try ram.stamp(extents, map: map)
        let fence = SessionFence()
        guard case .ready(let prepared) = engine.prepare(Self.offer(extents), fence: fence),
            case .ready(let ended) = engine.prepare(Self.offer(extents), fence: fence)
        else {
            Issue.record("the offer was refused")
            return
        }
        #expect(engine.commit(prepared, rereading: true).isDiscarded)
        fence.close()
        #expect(engine.commit(ended, rereading: false).status == .refusedState)
    }

    @Test("Nothing is discarded in a file that this daemon has not locked")
    func locked() throws {
        let ram = try TestRAM(size: 1 << 20)
        let stranger = try TestRAM(size: 1 << 20)
        let map = try ram.flatMap()
        let error = #expect(throws: DiscardEngine.MissingLock.self) {
            try DiscardEngine(map: map, locks: [stranger.file.lock()])
        }
        #expect(error?.file == ram.file.key)
    }
}
