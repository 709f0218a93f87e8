public import SystemPackage
public import Wire

/// What a holder tells its agent.
public enum HolderEvent: Sendable, Equatable {
    /// First on each connection.
    case hello(processID: Int32, version: UInt32)
    /// A chunk is pinned and stamped. `extents` are sorted by frame: all of it, or the pages that moved.
    case built(chunk: UInt64, slot: Int, extents: [Extent])
    /// An order was not carried out; `chunk` 0 where the order named none.
    case failed(chunk: UInt64, slot: Int, errno: Errno, step: HolderStep)
    /// A chunk's pin is gone.
    case unpinned(chunk: UInt64, slot: Int)
    /// A chunk is unmapped.
    case released(chunk: UInt64, bytes: UInt64)
    /// Everything that was not pinned is unmapped.
    case releasedAll(bytes: UInt64)
    /// Where a held chunk lies, sorted by frame.
    case inventory(chunk: UInt64, extents: [Extent])
    /// Every chunk.
    case list([AdoptedChunk])
    /// The holder's end of the connection is gone; nothing follows.
    case closed
}
