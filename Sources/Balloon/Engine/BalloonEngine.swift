public import Wire

/// The life of every chunk: what happened comes in, what to do comes out. No I/O and no clock.
///
/// The rules it keeps (see docs/safety.md): a chunk is released or unpinned only when no host can still discard it; at
/// most one chunk for each slot is in flight; a session that ends puts what was offered into quarantine, and only the
/// next controller's Hello, which proves that nothing is in flight, takes it out.
public struct BalloonEngine: Sendable {
    /// What can hold a slot back besides a chunk.
    enum Slot: Sendable, Hashable {
        case free
        case used(chunk: UInt64)
        /// An earlier agent may have left a chunk of a dead holder pinned here.
        case suspect
    }

    /// Bytes of a full chunk, a multiple of ``granule``.
    public let chunkBytes: UInt64
    /// 2 MiB: the balloon moves in multiples of it.
    public static let granule: UInt64 = 2 << 20

    var slots: [Slot]
    var chunks: [UInt64: EngineChunk] = [:]
    var holders: Set<Int> = []
    private var nextChunk: UInt64 = 1
    var nextSequence: UInt64 = 1
    var sessionPermitsOffers = false
    var sessionSlots = 0
    var inventory = InventoryWalk()
    var repeated = RepeatedOffers()
    private var releaseReason = Reason.requested

    /// The balloon's size that was asked for, in bytes; nil before anything was.
    public private(set) var wantedBytes: UInt64?
    /// Set while the agent stops: nothing new is built.
    public private(set) var isStopping = false
    /// What happened so far.
    public internal(set) var counters = EngineCounters()
    /// Whether less than a quarter of the last new chunk could be assembled.
    public private(set) var isFragmented = false
    /// Chunks in a row that the host turned down.
    public internal(set) var refusalsInARow = 0
    /// Why and how the host turned the last chunk down.
    public internal(set) var lastRefusal: OfferResult?

    /// An empty balloon of chunks of `chunkBytes` and `slots` rings. `suspectSlots` says that the rings were taken over
    /// from an earlier agent.
    public init(chunkBytes: UInt64, slots: Int, suspectSlots: Bool = false) {
        self.chunkBytes = max(Self.granule, chunkBytes / Self.granule * Self.granule)
        self.slots = Array(repeating: suspectSlots ? .suspect : .free, count: slots)
    }

    // MARK: Holders

    /// A holder started (with nothing), or was found alive with the chunks `adopted`.
    public mutating func holderJoined(_ holder: Int, adopted: [AdoptedChunk] = []) -> [EngineAction] {
        holders.insert(holder)
        var actions: [EngineAction] = []
        for found in adopted {
            nextChunk = max(nextChunk, found.id &+ 1)
            var chunk = EngineChunk(id: found.id, bytes: found.bytes, holder: holder, state: .held, wasHeld: true)
            switch found.state {
            case .held: break
            case .pinned(let slot) where slots.indices.contains(slot):
                // The earlier agent may have offered it.
                chunk.state = .quarantined(slot: slot)
                slots[slot] = .used(chunk: found.id)
            case .building(let slot) where slots.indices.contains(slot):
                chunk.state = .populating(slot: slot)
                chunk.wasHeld = false
                chunk.doomed = .holderDied
                slots[slot] = .used(chunk: found.id)
                actions.append(.abort(holder: holder, chunk: found.id))
            case .pinned, .building:
                actions.append(.abort(holder: holder, chunk: found.id))
                continue
            }
            chunks[found.id] = chunk
        }
        return actions
    }

    /// A holder is gone. What it held is free again; what was offered stays pinned by its ring.
    public mutating func holderDied(_ holder: Int, reason: Reason) -> [EngineAction] {
        guard holders.remove(holder) != nil else { return [] }
        counters.holdersDied += 1
        var actions: [EngineAction] = []
        var released: [EngineChunk] = []
        for var chunk in chunks.values.filter({ $0.holder == holder }).sorted(by: { $0.id < $1.id }) {
            switch chunk.state {
            case .offered, .quarantined:
                chunk.holder = nil
                chunk.doomed = chunk.doomed ?? reason
                chunks[chunk.id] = chunk
                continue
            case .populating(let slot), .repinning(let slot), .unpinning(let slot):
                actions.append(.clear(slot: slot))
                slots[slot] = .free
            case .held, .releasing: break
            }
            chunks[chunk.id] = nil
            if chunk.isHeld || chunk.wasHeld { released.append(chunk) }
        }
        actions += tellReleased(released, reason)
        return actions + nextInventory()
    }

    // MARK: Target

    /// The balloon shall have `bytes` (rounded down to 2 MiB).
    public mutating func setWanted(_ bytes: UInt64?) -> [EngineAction] {
        wantedBytes = bytes.map { $0 / Self.granule * Self.granule }
        refusalsInARow = 0
        return deflateToWanted()
    }

    /// Whether a chunk may be started now, and of which size at the most: 0 says no.
    public func wantedChunk() -> UInt64 {
        guard sessionPermitsOffers, !isStopping, !inventory.isRunning, let wantedBytes, freeSlot != nil else {
            return 0
        }
        let present = sum { $0.doomed == nil && $0.state != .releasing }
        guard wantedBytes > present else { return 0 }
        return min(chunkBytes, wantedBytes - present)
    }

    /// Starts a chunk of `bytes` in the living holder with the least memory.
    public mutating func build(bytes: UInt64) -> [EngineAction] {
        let size = min(bytes, wantedChunk()) / Self.granule * Self.granule
        guard size > 0, let slot = freeSlot,
            let holder = holders.min(by: { (self.bytes(ofHolder: $0), $0) < (self.bytes(ofHolder: $1), $1) })
        else { return [] }
        let id = nextChunk
        nextChunk += 1
        slots[slot] = .used(chunk: id)
        chunks[id] = EngineChunk(id: id, bytes: size, holder: holder, state: .populating(slot: slot))
        return [.build(holder: holder, chunk: id, bytes: size, slot: slot)]
    }

    var freeSlot: Int? {
        let used = slots.count { if case .used = $0 { true } else { false } }
        guard used < sessionSlots else { return nil }
        return slots.firstIndex(of: .free)
    }

    private mutating func deflateToWanted() -> [EngineAction] {
        guard let wantedBytes else { return [] }
        var actions: [EngineAction] = []
        var present = sum { $0.doomed == nil && $0.state != .releasing }
        // What is not yet offered goes first: the host never learns of it.
        for chunk in chunks.values.sorted(by: { $0.id > $1.id }) {
            guard present > wantedBytes else { break }
            guard chunk.doomed == nil, chunk.state != .releasing else { continue }
            present -= chunk.bytes
            actions += doom(chunk.id, .requested)
        }
        return actions
    }

    /// Marks a chunk to be released as soon as nothing can discard it, and starts what can start.
    mutating func doom(_ id: UInt64, _ reason: Reason) -> [EngineAction] {
        guard var chunk = chunks[id], chunk.doomed == nil else { return [] }
        chunk.doomed = reason
        var actions: [EngineAction] = []
        switch (chunk.state, chunk.holder) {
        case (.held, let holder?):
            chunk.state = .releasing
            actions.append(.release(holder: holder, chunk: id))
        case (.populating, let holder?):
            actions.append(.abort(holder: holder, chunk: id))
        default: break
        }
        chunks[id] = chunk
        return actions
    }

    // MARK: Release

    /// Releases everything: what is held now, what is in flight as soon as the host has answered. The agent has sent
    /// the orders to the holders already where `ordered` is set (the path that allocates nothing).
    public mutating func releaseEverything(_ reason: Reason, ordered: Bool) -> (bytes: UInt64, actions: [EngineAction])
    {
        let bytes = sum { $0.doomed == nil && $0.state != .releasing }
        releaseReason = reason
        repeated.clear()
        var actions: [EngineAction] = []
        for id in chunks.keys.sorted() { actions += doom(id, reason) }
        if ordered {
            actions.removeAll { if case .release = $0 { true } else { false } }
        }
        return (bytes, actions)
    }

    /// Releases at least `bytes`, or all there is: what rests before what is in flight, the fullest holder's chunks
    /// before the others', the youngest first. The target stays: what the governor allows later comes back.
    public mutating func release(_ bytes: UInt64, _ reason: Reason) -> (bytes: UInt64, actions: [EngineAction]) {
        let present = chunks.values.filter { $0.doomed == nil && $0.state != .releasing }
        var shares: [Int?: UInt64] = [:]
        for chunk in present { shares[chunk.holder, default: 0] += chunk.bytes }
        let order = present.sorted {
            let one = ($0.state == .held ? 1 : 0, shares[$0.holder] ?? 0, $0.holder ?? -1)
            let other = ($1.state == .held ? 1 : 0, shares[$1.holder] ?? 0, $1.holder ?? -1)
            return one == other ? $0.id > $1.id : one > other
        }
        var actions: [EngineAction] = []
        var released: UInt64 = 0
        for chunk in order {
            guard released < bytes else { break }
            released += chunk.bytes
            actions += doom(chunk.id, reason)
        }
        return (released, actions)
    }

    /// Lets chunks be offered again after a pause, though the host turned the last ones down.
    public mutating func forgiveRefusals() { refusalsInARow = 0 }

    /// The agent is about to stop: nothing new is built, what is in flight is answered first.
    public mutating func stop() { isStopping = true }

    mutating func unpin(_ id: UInt64, _ slot: Int) -> [EngineAction] {
        guard var chunk = chunks[id] else { return [] }
        if let holder = chunk.holder {
            chunk.state = .unpinning(slot: slot)
            chunks[id] = chunk
            return [.unpin(holder: holder, chunk: id, slot: slot)]
        }
        slots[slot] = .free
        chunks[id] = nil
        return [.clear(slot: slot)] + tellReleased([chunk], chunk.doomed ?? .holderDied)
    }

    // MARK: What holders say

    /// A chunk is pinned and stamped and lies at `extents` (for an audit: those of its pages that moved).
    public mutating func built(_ id: UInt64, extents: [Extent]) -> [EngineAction] {
        guard var chunk = chunks[id] else { return [] }
        let slot: Int
        let again: Bool
        switch chunk.state {
        case .populating(let used): (slot, again) = (used, false)
        case .repinning(let used): (slot, again) = (used, true)
        default: return []
        }
        let bytes = Extent.totalBytes(extents) ?? 0
        if again {
            counters.movedBytes &+= bytes
        } else {
            isFragmented = bytes < chunk.bytes / 4
            counters.fragmentedBytes &+= chunk.bytes - min(bytes, chunk.bytes)
            // The holder has given back what is not reported.
            chunk.bytes = min(bytes, chunk.bytes)
        }
        let abandoned = chunk.abandoned
        chunk.abandoned = false
        guard sessionPermitsOffers, !abandoned, chunk.doomed == nil, bytes > 0 else {
            // Nobody was told of it, so the pin may go at once.
            if !again { chunk.doomed = chunk.doomed ?? .hostRefused }
            chunks[id] = chunk
            return unpin(id, slot)
        }
        let sequence = nextSequence
        nextSequence += 1
        chunk.state = .offered(slot: slot, sequence: sequence)
        chunks[id] = chunk
        counters.offeredBytes &+= bytes
        return [
            .send(
                .offer(
                    Offer(
                        chunk: id, sequence: sequence, bytes: bytes, extents: Extent.encode(extents), again: again)))
        ]
    }

    /// A chunk could not be built or pinned again, or its building was broken off. `fragmented`: because nothing of it
    /// could be assembled.
    public mutating func failed(_ id: UInt64, fragmented: Bool = false) -> [EngineAction] {
        guard var chunk = chunks[id] else { return [] }
        if fragmented { counters.fragmentedBytes &+= chunk.bytes }
        switch chunk.state {
        case .populating(let slot):
            slots[slot] = .free
            chunks[id] = nil
            return []
        case .repinning(let slot):
            slots[slot] = .free
            chunk.state = .held
            chunks[id] = chunk
            return settle(id)
        default: return []
        }
    }

    /// The chunk's pin is gone.
    public mutating func unpinned(_ id: UInt64) -> [EngineAction] {
        guard var chunk = chunks[id], case .unpinning(let slot) = chunk.state else { return [] }
        slots[slot] = .free
        chunk.state = .held
        chunk.wasHeld = true
        chunks[id] = chunk
        return settle(id) + (inventory.asked == nil ? nextInventory() : [])
    }

    /// A chunk came to rest: release it if that is due.
    private mutating func settle(_ id: UInt64) -> [EngineAction] {
        guard var chunk = chunks[id], chunk.doomed != nil, chunk.state == .held, let holder = chunk.holder else {
            return []
        }
        chunk.state = .releasing
        chunks[id] = chunk
        return [.release(holder: holder, chunk: id)]
    }

    /// The holder has unmapped the chunk.
    public mutating func released(_ id: UInt64) -> [EngineAction] {
        guard let chunk = chunks[id] else { return [] }
        if case .releasing = chunk.state {} else { return [] }
        chunks[id] = nil
        counters.releasedBytes &+= chunk.bytes
        return tellReleased([chunk], chunk.doomed ?? .requested) + inventoryAfterLoss()
    }

    /// The holder has unmapped everything that was not pinned.
    public mutating func releasedAll(_ holder: Int) -> [EngineAction] {
        var gone: [EngineChunk] = []
        for chunk in chunks.values.sorted(by: { $0.id < $1.id }) where chunk.holder == holder {
            guard chunk.state == .releasing || chunk.state == .held else { continue }
            chunks[chunk.id] = nil
            gone.append(chunk)
            counters.releasedBytes &+= chunk.bytes
        }
        return tellReleased(gone, releaseReason) + inventoryAfterLoss()
    }

    func tellReleased(_ gone: [EngineChunk], _ reason: Reason) -> [EngineAction] {
        var actions: [EngineAction] = []
        for start in stride(from: 0, to: gone.count, by: 4096) {
            let part = gone[start..<min(start + 4096, gone.count)]
            let bytes = part.reduce(0) { $0 + $1.bytes }
            actions.append(.send(.released(Released(chunks: part.map(\.id), bytes: bytes, reason: reason))))
        }
        return actions
    }
}
