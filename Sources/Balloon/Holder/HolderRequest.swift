public import Wire

/// What the agent asks of a holder. One message each on their sequential-packet socket.
public enum HolderRequest: Sendable, Equatable {
    /// Map, populate, pin and stamp a chunk on the ring of `slot`. Where `wholePages` is set, only of whole, aligned
    /// frames of 2 MiB; the chunk is smaller by what could not be assembled. Answered by `built` or `failed`.
    case build(chunk: UInt64, bytes: UInt64, slot: Int, nonce: Nonce, wholePages: Bool = false)
    /// The host has answered, or proved that nothing is in flight: take the pin away. Answered by `unpinned`.
    case unpin(chunk: UInt64, slot: Int)
    /// Unmap a chunk. A pinned one is refused, unless `afterUnpin` says to take the pin away first. Answered by
    /// `released` or `failed`.
    case release(chunk: UInt64, afterUnpin: Bool)
    /// Unmap every chunk that is not pinned, and break off every build that was not reported. Answered by
    /// `releasedAll`.
    case releaseAllHeld
    /// Say where a held chunk lies. Answered by `inventory` or `failed`.
    case inventory(chunk: UInt64)
    /// Pin a held chunk again, stamp the pages that moved (or all) and report them; where `wholePages` is set, only
    /// whole, aligned frames of 2 MiB. Answered by `built` or `failed`.
    case reoffer(chunk: UInt64, slot: Int, nonce: Nonce, onlyMoved: Bool, wholePages: Bool = false)
    /// Name every chunk. Answered by `list`.
    case list
    /// Break a build off, or a repeated offer that was not reported. Answered by `failed` when there was one.
    case abort(chunk: UInt64)
    /// Change how the OOM killer sees the holder, -1000 to 1000. No answer unless it fails.
    case setScore(Int)
    /// End. Refused with `failed` while anything is pinned or being built.
    case exit
}
