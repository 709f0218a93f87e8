public import Wire

/// What the agent has to do after a decision of ``BalloonEngine``. Holders and slots are the numbers the agent gave.
public enum EngineAction: Sendable, Hashable {
    /// The holder builds a chunk of `bytes` on the ring of `slot`.
    case build(holder: Int, chunk: UInt64, bytes: UInt64, slot: Int)
    /// The holder stops building the chunk and unmaps what there is of it.
    case abort(holder: Int, chunk: UInt64)
    /// The holder takes the chunk's pin away: the host can no longer discard it on this session.
    case unpin(holder: Int, chunk: UInt64, slot: Int)
    /// The holder unmaps a chunk that is not pinned.
    case release(holder: Int, chunk: UInt64)
    /// The holder pins a held chunk again, stamps it (only the pages that moved, or all) and reports it.
    case reoffer(holder: Int, chunk: UInt64, slot: Int, onlyMoved: Bool)
    /// The holder reports where a held chunk lies.
    case inventory(holder: Int, chunk: UInt64)
    /// The agent itself clears the ring of `slot`, since no holder is left to do it.
    case clear(slot: Int)
    /// The host is told.
    case send(ToHost.Message)
}
