import Balloon
import Wire

/// A guest's holders and a host in memory, with queues between them that are served in any order: the frames that a
/// host may still discard are compared with the frames that rings pin after every step.
struct EngineWorld {
    struct Holder {
        var orders: [EngineAction] = []
        var events: [Event] = []
        /// Chunks it maps, with whether each is finished.
        var mapped: [UInt64: Bool] = [:]
    }

    enum Event {
        case built(UInt64, [Extent])
        case failed(UInt64)
        case unpinned(UInt64)
        case released(UInt64)
        case releasedAll
        case inventoried(UInt64)
    }

    var engine: BalloonEngine
    var holders: [Int: Holder] = [:]
    var nextHolder = 0
    /// The chunk that each ring pins.
    var rings: [UInt64?]
    /// Offers that the host may still discard, of the running or the broken session.
    var discardable: [Offer] = []
    /// Answers on their way to the agent.
    var answers: [OfferResult] = []
    var sessionOpen = false
    /// Chunks that the host books as held.
    var booked: Set<UInt64> = []
    var violations: [String] = []
    var discardedBytes: UInt64 = 0
    var random: SplitMix

    init(seed: UInt64, chunkBytes: UInt64 = 4 << 20, slots: Int = 4) {
        engine = BalloonEngine(chunkBytes: chunkBytes, slots: slots)
        rings = Array(repeating: nil, count: slots)
        random = SplitMix(state: seed)
    }

    mutating func spawn() {
        let id = nextHolder
        nextHolder += 1
        holders[id] = Holder()
        perform(engine.holderJoined(id))
    }

    mutating func perform(_ actions: [EngineAction]) {
        for action in actions {
            switch action {
            case .build(let holder, _, _, _), .abort(let holder, _), .unpin(let holder, _, _), .release(let holder, _),
                .reoffer(let holder, _, _, _), .inventory(let holder, _):
                holders[holder]?.orders.append(action)
            case .clear(let slot): unpin(slot)
            case .send(.offer(let offer)):
                if sessionOpen { discardable.append(offer) }
            case .send(.released(let released)): booked.subtract(released.chunks)
            case .send(.inventory(let inventory)): if !inventory.last { booked.insert(inventory.chunk) }
            case .send: break
            }
        }
        check()
    }

    /// Takes the ring's pin away, which must not happen while the host may discard.
    private mutating func unpin(_ slot: Int) {
        if let chunk = rings[slot], discardable.contains(where: { $0.chunk == chunk }) {
            violations.append("chunk \(chunk) unpinned while it may be discarded")
        }
        rings[slot] = nil
    }

    mutating func check() {
        for offer in discardable where !rings.contains(offer.chunk) {
            violations.append("chunk \(offer.chunk) may be discarded and no ring pins it")
        }
        if Set(rings.compactMap { $0 }).count != rings.count(where: { $0 != nil }) {
            violations.append("one chunk on two rings")
        }
    }

    /// The oldest order of a holder is carried out.
    mutating func work(_ id: Int, failing: Bool) {
        guard var holder = holders[id], !holder.orders.isEmpty else { return }
        let order = holder.orders.removeFirst()
        switch order {
        case .build(_, let chunk, let bytes, let slot):
            // An abort that waits behind the order is seen between two steps of populating.
            let aborted = holder.orders.contains(.abort(holder: id, chunk: chunk))
            if failing || aborted {
                holder.events.append(.failed(chunk))
            } else {
                if rings[slot] != nil { violations.append("ring \(slot) used twice") }
                rings[slot] = chunk
                holder.mapped[chunk] = true
                holder.events.append(.built(chunk, [Extent(firstFrame: chunk << 20, frames: bytes / 4096)]))
            }
        case .reoffer(_, let chunk, let slot, let onlyMoved):
            if holder.mapped[chunk] == nil || failing {
                holder.events.append(.failed(chunk))
            } else {
                if rings[slot] != nil { violations.append("ring \(slot) used twice") }
                rings[slot] = chunk
                let extents = onlyMoved && random.next() % 2 == 0 ? [] : [Extent(firstFrame: chunk << 20, frames: 1)]
                holder.events.append(.built(chunk, extents))
            }
        case .unpin(_, let chunk, let slot):
            if rings[slot] == chunk { unpin(slot) }
            holder.events.append(.unpinned(chunk))
        case .release(_, let chunk):
            if rings.contains(chunk) { violations.append("chunk \(chunk) released while pinned") }
            holder.mapped[chunk] = nil
            holder.events.append(.released(chunk))
        case .inventory(_, let chunk): holder.events.append(.inventoried(chunk))
        case .abort, .clear, .send: break
        }
        holders[id] = holder
        check()
    }

    /// The oldest event of a holder reaches the agent.
    mutating func hear(_ id: Int) {
        guard var holder = holders[id], !holder.events.isEmpty else { return }
        let event = holder.events.removeFirst()
        holders[id] = holder
        switch event {
        case .built(let chunk, let extents): perform(engine.built(chunk, extents: extents))
        case .failed(let chunk): perform(engine.failed(chunk))
        case .unpinned(let chunk): perform(engine.unpinned(chunk))
        case .released(let chunk): perform(engine.released(chunk))
        case .releasedAll: perform(engine.releasedAll(id))
        case .inventoried(let chunk): perform(engine.inventoried(chunk, extents: []))
        }
    }

    mutating func kill(_ id: Int) {
        guard holders.removeValue(forKey: id) != nil else { return }
        perform(engine.holderDied(id, reason: .holderDied))
    }

    mutating func emergency() {
        for id in holders.keys {
            // What the holder is told on the path that allocates nothing: everything unpinned goes.
            guard var holder = holders[id] else { continue }
            for chunk in holder.mapped.keys where !rings.contains(chunk) { holder.mapped[chunk] = nil }
            holder.events.append(.releasedAll)
            holders[id] = holder
        }
        perform(engine.releaseEverything(.watermark, ordered: true).actions)
    }

    /// The host answers its oldest offer: it discards at that moment, then acknowledges.
    mutating func discard(refusing: Bool) {
        guard !discardable.isEmpty else { return }
        let offer = discardable[0]
        check()
        discardable.removeFirst()
        discardedBytes += refusing ? 0 : offer.bytes
        guard sessionOpen else { return }
        if !refusing { booked.insert(offer.chunk) }
        answers.append(
            OfferResult(
                chunk: offer.chunk, sequence: offer.sequence, status: refusing ? .refusedStamp : .discarded,
                discardedBytes: refusing ? 0 : offer.bytes))
    }

    mutating func answer() {
        guard sessionOpen, !answers.isEmpty else { return }
        perform(engine.answered(answers.removeFirst()).actions)
    }

    mutating func breakSession() {
        guard sessionOpen else { return }
        sessionOpen = false
        answers = []
        perform(engine.sessionEnded())
    }

    /// A new session: its host proves first that nothing of the old one is in flight.
    mutating func openSession() {
        guard !sessionOpen else { return }
        discardable = []
        booked = []
        sessionOpen = true
        perform(engine.sessionBegan(permitsOffers: true, maximumInFlight: 0))
    }

    mutating func pump() {
        while engine.wantedChunk() > 0, !engine.livingHolders.isEmpty {
            perform(engine.build(bytes: engine.wantedChunk()))
        }
        perform(engine.nextReoffer())
    }
}

/// A small deterministic generator (splitmix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
