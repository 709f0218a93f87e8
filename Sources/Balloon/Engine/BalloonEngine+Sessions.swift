public import Wire

/// What the host's sessions bring: their beginning and end, its answers, its wish to see chunks again, and the
/// inventory that it gets.
extension BalloonEngine {
    /// A controller's Hello arrived: nothing of an earlier session is in flight. `permitsOffers` says whether its host
    /// may discard; `maximumInFlight` 0 leaves the slots to us. The inventory follows.
    public mutating func sessionBegan(permitsOffers: Bool, maximumInFlight: Int) -> [EngineAction] {
        nextSequence = 1
        refusalsInARow = 0
        sessionPermitsOffers = permitsOffers
        sessionSlots = maximumInFlight == 0 ? slots.count : min(slots.count, maximumInFlight)
        var actions: [EngineAction] = []
        for slot in slots.indices where slots[slot] == .suspect {
            actions.append(.clear(slot: slot))
            slots[slot] = .free
        }
        for chunk in chunks.values.sorted(by: { $0.id < $1.id }) {
            if case .quarantined(let slot) = chunk.state { actions += unpin(chunk.id, slot) }
        }
        inventory.begin(chunks.values.filter { $0.wasHeld || $0.isHeld }.map(\.id))
        return actions + nextInventory()
    }

    /// The session is over: what was offered is pinned until the next one; what was not is given up.
    public mutating func sessionEnded() -> [EngineAction] {
        sessionPermitsOffers = false
        inventory.stop()
        repeated.clear()
        var actions: [EngineAction] = []
        for var chunk in chunks.values.sorted(by: { $0.id < $1.id }) {
            switch chunk.state {
            case .offered(let slot, _):
                chunk.state = .quarantined(slot: slot)
                chunk.wasTurnedDown = true
                chunk.wasHeld = true
                chunks[chunk.id] = chunk
            case .populating: actions += doom(chunk.id, .hostRefused)
            case .repinning:
                chunk.abandoned = true
                chunk.wasTurnedDown = true
                chunks[chunk.id] = chunk
            default: break
            }
        }
        return actions
    }

    /// The host asks for chunks to be offered again, or the audit does (`onlyMoved`).
    public mutating func reoffer(_ ids: [UInt64], onlyMoved: Bool) {
        guard sessionPermitsOffers else { return }
        for id in ids where chunks[id] != nil { repeated.add(id, onlyMoved: onlyMoved) }
    }

    /// Starts the next repeated offer, if a slot is free.
    public mutating func nextReoffer() -> [EngineAction] {
        guard sessionPermitsOffers, !inventory.isRunning, !isStopping else { return [] }
        var actions: [EngineAction] = []
        while let slot = freeSlot, let next = repeated.next() {
            guard var chunk = chunks[next.chunk], chunk.state == .held, chunk.doomed == nil, let holder = chunk.holder
            else { continue }
            chunk.state = .repinning(slot: slot)
            chunk.wasHeld = true
            chunks[chunk.id] = chunk
            slots[slot] = .used(chunk: chunk.id)
            actions.append(
                .reoffer(
                    holder: holder, chunk: chunk.id, slot: slot, onlyMoved: next.onlyMoved && !chunk.wasTurnedDown))
        }
        return actions
    }

    /// The host's answer to an offer; false where no such offer is out (a violation of the host's).
    public mutating func answered(_ result: OfferResult) -> (known: Bool, actions: [EngineAction]) {
        guard var chunk = chunks[result.chunk], case .offered(let slot, let sequence) = chunk.state,
            sequence == result.sequence
        else { return (false, []) }
        if result.status == .discarded {
            counters.discardedBytes &+= result.discardedBytes
            refusalsInARow = 0
            // From its answer on the host has it in its books.
            chunk.wasHeld = true
            chunk.wasTurnedDown = false
            chunks[chunk.id] = chunk
        } else {
            // It was not taken, or not whole: holding it would save the host nothing.
            counters.refusedChunks += 1
            refusalsInARow += 1
            lastRefusal = result
            let passing = result.status == .refusedState || result.status == .refusedStale
            if !(chunk.wasHeld && passing) { chunk.doomed = chunk.doomed ?? .hostRefused }
            chunk.wasTurnedDown = true
            chunks[chunk.id] = chunk
        }
        return (true, unpin(chunk.id, slot))
    }

    // MARK: Inventory

    /// Whether the session's inventory is not complete yet.
    public var isTakingInventory: Bool { inventory.isRunning }

    /// The holder says where a held chunk lies; the next one is asked for.
    public mutating func inventoried(_ id: UInt64, extents: [Extent]) -> [EngineAction] {
        guard inventory.answered(id) else { return [] }
        var actions: [EngineAction] = []
        if let chunk = chunks[id], chunk.state == .held {
            actions.append(
                .send(.inventory(Inventory(chunk: id, bytes: chunk.bytes, extents: Extent.encode(extents)))))
        }
        return actions + nextInventory()
    }

    /// Chunks are gone: goes on, unless another's holder still has to answer.
    mutating func inventoryAfterLoss() -> [EngineAction] {
        if let asked = inventory.asked, chunks[asked] != nil { return [] }
        return nextInventory()
    }

    /// Asks for the next chunk of the inventory, if it is time, or tells the host that there is none left.
    mutating func nextInventory() -> [EngineAction] {
        let step = inventory.next { [chunks] id in
            guard let chunk = chunks[id], chunk.holder != nil, chunk.doomed == nil else { return .never }
            return switch chunk.state {
            case .held: .ready
            case .unpinning: .later
            default: .never
            }
        }
        switch step {
        case .wait: return []
        case .ask(let id): return chunks[id]?.holder.map { [.inventory(holder: $0, chunk: id)] } ?? []
        case .complete: return [.send(.inventory(Inventory(chunk: 0, bytes: 0, extents: [], last: true)))]
        }
    }
}
