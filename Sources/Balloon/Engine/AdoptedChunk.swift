/// A chunk of a holder that outlived its agent.
public struct AdoptedChunk: Sendable, Hashable {
    /// Where the holder stands with it.
    public enum State: Sendable, Hashable {
        /// Mapped, not pinned.
        case held
        /// Pinned on the ring of this slot, perhaps offered.
        case pinned(slot: Int)
        /// Not yet finished.
        case building(slot: Int)
    }

    /// The chunk's number.
    public var id: UInt64
    /// Its size in bytes.
    public var bytes: UInt64
    /// Where the holder stands with it.
    public var state: State

    /// A chunk of these.
    public init(id: UInt64, bytes: UInt64, state: State) {
        self.id = id
        self.bytes = bytes
        self.state = state
    }
}
