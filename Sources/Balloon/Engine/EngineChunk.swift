import Wire

/// One chunk in the engine's books.
struct EngineChunk: Sendable, Hashable {
    /// Where the chunk is in its life. `slot` is the ring that pins it.
    enum State: Sendable, Hashable {
        /// The holder maps, populates, pins and stamps it; no peer knows of it.
        case populating(slot: Int)
        /// A held chunk that is pinned and stamped again; no peer knows yet.
        case repinning(slot: Int)
        /// The host may discard it until it answers `sequence`.
        case offered(slot: Int, sequence: UInt64)
        /// Its session broke while it was offered: pinned until a new session proves that nothing is in flight.
        case quarantined(slot: Int)
        /// The host has answered (or proved); the holder takes the pin away.
        case unpinning(slot: Int)
        /// Mapped by its holder, not pinned.
        case held
        /// The holder unmaps it.
        case releasing
    }

    let id: UInt64
    var bytes: UInt64
    /// Nil once the holder died: the ring alone keeps the frames.
    var holder: Int?
    var state: State
    /// Set while it is in flight and shall be released as soon as it is not.
    var doomed: Reason?
    /// Whether it counted as held before it was pinned again.
    var wasHeld = false
    /// Its session ended while it was pinned again: the stamps carry a nonce that no host waits for.
    var abandoned = false
    /// Its last offer was not taken, though its holder takes what it reported for known: the next one is of all of it.
    var wasTurnedDown = false

    var slot: Int? {
        switch state {
        case .populating(let slot), .repinning(let slot), .offered(let slot, _), .quarantined(let slot),
            .unpinning(let slot):
            slot
        case .held, .releasing: nil
        }
    }

    /// Counts towards what the guest has given: held, or offered and on its way.
    var isHeld: Bool {
        switch state {
        case .held, .releasing: true
        case .populating: false
        case .repinning, .offered, .quarantined, .unpinning: wasHeld
        }
    }
}
