import Balloon
import Testing
import Wire

@Suite("Balloon engine")
struct EngineTests {
    @Test("No order of events lets the host discard a frame that no ring pins", arguments: 0..<400)
    func safety(seed: UInt64) {
        var world = EngineWorld(seed: seed)
        for _ in 0..<3 { world.spawn() }
        for _ in 0..<1500 {
            let choice = world.random.next() % 100
            let holder = world.holders.keys.sorted().randomElement(using: &world.random) ?? 0
            switch choice {
            case 0..<30: world.work(holder, failing: world.random.next() % 20 == 0)
            case 30..<60: world.hear(holder)
            case 60..<72: world.discard(refusing: world.random.next() % 25 == 0)
            case 72..<82: world.answer()
            case 82..<88: world.pump()
            case 88..<91: world.openSession()
            case 91: world.breakSession()
            case 92..<94: world.perform(world.engine.setWanted(world.random.next() % (64 << 20)))
            case 94:
                if world.random.next() % 2 == 0 {
                    world.emergency()
                } else {
                    world.perform(world.engine.release(world.random.next() % (24 << 20), .memoryPressure).actions)
                }
            case 95: world.kill(holder)
            case 96: if world.holders.count < 4 { world.spawn() }
            case 97..<99:
                world.engine.reoffer(world.engine.restingChunks, onlyMoved: world.random.next() % 2 == 0)
            default: break
            }
        }
        #expect(world.violations == [], "seed \(seed)")

        // Left alone with a working host, everything comes to rest at the target.
        world.openSession()
        if world.holders.isEmpty { world.spawn() }
        world.perform(world.engine.setWanted(40 << 20))
        for _ in 0..<2000 {
            for id in world.holders.keys.sorted() {
                world.work(id, failing: false)
                world.hear(id)
            }
            world.discard(refusing: false)
            world.answer()
            world.pump()
        }
        #expect(world.violations == [], "seed \(seed)")
        #expect(world.engine.heldBytes == 40 << 20, "seed \(seed)")
        #expect(world.engine.isIdle, "seed \(seed)")
        // Both sides agree, whatever died on the way.
        #expect(world.booked == Set(world.engine.restingChunks), "seed \(seed)")
        #expect(world.rings.allSatisfy { $0 == nil }, "seed \(seed)")
    }

    @Test("In flight is never more than the slots allow")
    func inFlight() {
        var world = EngineWorld(seed: 1, chunkBytes: 2 << 20, slots: 3)
        world.spawn()
        world.openSession()
        world.perform(world.engine.setWanted(100 << 20))
        for _ in 0..<500 {
            world.pump()
            #expect(world.engine.pinnedChunks <= 3)
            #expect(world.engine.inFlightBytes <= 6 << 20)
            world.work(0, failing: false)
            world.hear(0)
            world.discard(refusing: false)
            world.answer()
        }
        #expect(world.engine.heldBytes == 100 << 20)
    }

    @Test(
        "A release in steps empties the fullest holder first, takes no more chunks than it needs, and keeps the target")
    func stepwise() {
        var world = EngineWorld(seed: 4, chunkBytes: 2 << 20)
        world.spawn()
        world.openSession()
        world.perform(world.engine.setWanted(12 << 20))
        func settle(_ rounds: Int) {
            for _ in 0..<rounds {
                world.pump()
                for id in world.holders.keys.sorted() {
                    world.work(id, failing: false)
                    world.hear(id)
                }
                world.discard(refusing: false)
                world.answer()
            }
        }
        settle(100)
        world.spawn()
        world.perform(world.engine.setWanted(16 << 20))
        settle(100)
        let shares = world.engine.livingHolders.sorted().map { world.engine.bytes(ofHolder: $0) }
        #expect(shares == [12 << 20, 4 << 20])
        let (bytes, actions) = world.engine.release(5 << 20, .memoryPressure)
        #expect(bytes == 6 << 20)
        world.perform(actions)
        for id in world.holders.keys.sorted() {
            for _ in 0..<10 {
                world.work(id, failing: false)
                world.hear(id)
            }
        }
        #expect(world.engine.livingHolders.sorted().map { world.engine.bytes(ofHolder: $0) } == [6 << 20, 4 << 20])
        #expect(world.engine.wantedBytes == 16 << 20)
        let (rest, _) = world.engine.release(.max, .memoryPressure)
        #expect(rest == 10 << 20)
        #expect(world.violations == [])
    }

    @Test("A chunk whose session broke stays pinned until the next controller's Hello")
    func quarantine() {
        var world = EngineWorld(seed: 2)
        world.spawn()
        world.openSession()
        world.perform(world.engine.setWanted(4 << 20))
        world.pump()
        world.work(0, failing: false)
        world.hear(0)
        #expect(world.discardable.count == 1)
        world.breakSession()
        #expect(world.engine.quarantinedBytes == 4 << 20)
        // Even an emergency cannot take it back while the host may discard it.
        world.emergency()
        for _ in 0..<10 {
            world.work(0, failing: false)
            world.hear(0)
        }
        #expect(world.engine.quarantinedBytes == 4 << 20)
        #expect(world.rings[0] != nil)
        world.openSession()
        for _ in 0..<10 {
            world.work(0, failing: false)
            world.hear(0)
        }
        #expect(world.rings[0] == nil)
        #expect(world.engine.heldBytes == 0)
        #expect(world.violations == [])
    }

    @Test("An offered chunk of a dead holder stays on its ring until the answer")
    func orphan() {
        var world = EngineWorld(seed: 3)
        world.spawn()
        world.openSession()
        world.perform(world.engine.setWanted(4 << 20))
        world.pump()
        world.work(0, failing: false)
        world.hear(0)
        world.kill(0)
        #expect(world.rings[0] != nil)
        world.discard(refusing: false)
        world.answer()
        #expect(world.rings[0] == nil)
        #expect(world.violations == [])
    }

    @Test("Rings taken over from an earlier agent are cleared only by the next Hello")
    func suspectSlots() {
        var engine = BalloonEngine(chunkBytes: 4 << 20, slots: 2, suspectSlots: true)
        let joined = engine.holderJoined(
            7,
            adopted: [
                AdoptedChunk(id: 5, bytes: 4 << 20, state: .pinned(slot: 0)),
                .init(id: 6, bytes: 2 << 20, state: .held),
            ])
        #expect(joined == [])
        #expect(engine.quarantinedBytes == 4 << 20)
        _ = engine.setWanted(64 << 20)
        #expect(engine.wantedChunk() == 0)
        let actions = engine.sessionBegan(permitsOffers: true, maximumInFlight: 0)
        #expect(actions.first == .clear(slot: 1))
        #expect(actions.contains(.unpin(holder: 7, chunk: 5, slot: 0)))
    }

    @Test("A repeated offer that was not taken is made again in whole, until one is taken")
    func turnedDown() {
        var engine = BalloonEngine(chunkBytes: 4 << 20, slots: 1)
        _ = engine.holderJoined(1, adopted: [AdoptedChunk(id: 5, bytes: 4 << 20, state: .held)])
        _ = engine.sessionBegan(permitsOffers: true, maximumInFlight: 0)
        _ = engine.inventoried(5, extents: [])
        let extents = [Extent(firstFrame: 0, frames: 4)]
        var sequence: UInt64 = 0
        func audit(_ status: OfferResult.Status) -> Bool {
            engine.reoffer([5], onlyMoved: true)
            guard case .reoffer(_, 5, _, let onlyMoved)? = engine.nextReoffer().first else {
                Issue.record("not offered again")
                return false
            }
            _ = engine.built(5, extents: extents)
            sequence += 1
            #expect(engine.answered(OfferResult(chunk: 5, sequence: sequence, status: status)).known)
            _ = engine.unpinned(5)
            return onlyMoved
        }
        #expect(audit(.refusedStale))
        #expect(!audit(.refusedState))
        #expect(!audit(.discarded))
        #expect(audit(.discarded))
        #expect(engine.heldBytes == 4 << 20)
    }

    @Test("A chunk is as large as what its holder could assemble, and the rest is counted")
    func fragments() {
        var engine = BalloonEngine(chunkBytes: 8 << 20, slots: 2)
        _ = engine.holderJoined(1)
        _ = engine.sessionBegan(permitsOffers: true, maximumInFlight: 0)
        _ = engine.setWanted(16 << 20)
        _ = engine.build(bytes: 8 << 20)
        _ = engine.built(1, extents: [Extent(firstFrame: 512, frames: 512)])
        #expect(engine.inFlightBytes == 2 << 20)
        #expect(!engine.isFragmented)
        #expect(engine.counters.fragmentedBytes == 6 << 20)
        _ = engine.build(bytes: 8 << 20)
        _ = engine.failed(2, fragmented: true)
        #expect(engine.counters.fragmentedBytes == 14 << 20)
        #expect(engine.inFlightBytes == 2 << 20)
    }

    @Test("The answer to an unknown or repeated offer is a violation")
    func unknownAnswer() {
        var engine = BalloonEngine(chunkBytes: 4 << 20, slots: 2)
        #expect(!engine.answered(OfferResult(chunk: 1, sequence: 1, status: .discarded)).known)
    }
}
