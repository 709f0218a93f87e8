/// Where in an order a holder stopped.
public enum HolderStep: UInt32, Sendable {
    /// The order itself made no sense (size, slot, chunk, or state).
    case order = 1
    /// Mapping the chunk.
    case map
    /// Faulting its pages in.
    case populate
    /// Locking it into memory.
    case lock
    /// Pinning it on the ring.
    case register
    /// Reading its frames.
    case frames
    /// Two pages of it showed one frame.
    case duplicate
    /// Its frames changed although it is pinned.
    case verify
    /// Taking the pin away.
    case unpin
    /// Unmapping it.
    case release
    /// Reading where a held chunk lies.
    case inventory
    /// It was broken off as ordered.
    case aborted
    /// Changing the OOM score.
    case score
    /// Nothing of it could be assembled into whole, aligned frames of 2 MiB.
    case fragmented
}
