/// How much there is of what.
extension BalloonEngine {
    /// Bytes held (including those pinned again for another offer).
    public var heldBytes: UInt64 { sum { $0.isHeld } }
    /// Bytes being populated, pinned, offered for the first time or unpinned.
    public var inFlightBytes: UInt64 { sum { !$0.isHeld } }
    /// Bytes being populated.
    public var populatingBytes: UInt64 { sum { if case .populating = $0.state { true } else { false } } }
    /// Bytes pinned until a new session proves that nothing is in flight.
    public var quarantinedBytes: UInt64 { sum { if case .quarantined = $0.state { true } else { false } } }
    /// Chunks between being built and being unpinned.
    public var pinnedChunks: Int { chunks.values.count { $0.slot != nil } }
    /// Whether every chunk is at rest and the session has what it asked for.
    public var isIdle: Bool { pinnedChunks == 0 && !inventory.isRunning && repeated.isEmpty }
    /// Whether there is no chunk at all.
    public var isEmpty: Bool { chunks.isEmpty }
    /// Holders that live.
    public var livingHolders: Set<Int> { holders }
    /// Bytes of each living holder.
    public func bytes(ofHolder holder: Int) -> UInt64 { sum { $0.holder == holder } }
    /// Chunks that are held and at rest.
    public var restingChunks: [UInt64] { chunks.values.filter { $0.state == .held }.map(\.id).sorted() }

    func sum(_ filter: (EngineChunk) -> Bool) -> UInt64 {
        chunks.values.reduce(0) { filter($1) ? $0 + $1.bytes : $0 }
    }
}
