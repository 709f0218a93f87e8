import Synchronization

/// What stands between the end of a session and a discard that was on its way.
///
/// Every discard enters the fence before each range and leaves it after. Once closed a fence never opens again: the
/// next session has its own.
public final class SessionFence: Sendable {
    private struct State {
        var closed = false
        var inside = 0
        var drained: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// An open fence.
    public init() {}

    /// Whether discards may still begin.
    public var isOpen: Bool { state.withLock { !$0.closed } }

    /// No range is discarded from now on, but for the one whose call to the kernel is running already.
    public func close() { close {} }

    /// Closes the fence and calls back as soon as nothing is inside, at once where nothing is. The callback runs on
    /// the thread of the last discard.
    public func close(drained: @escaping @Sendable () -> Void) {
        let empty = state.withLock { state in
            state.closed = true
            if state.inside > 0 { state.drained.append(drained) }
            return state.inside == 0
        }
        if empty { drained() }
    }

    /// Closes the fence and returns when nothing is inside: from then on nothing of the session is ever discarded.
    public func closeAndDrain() async {
        await withCheckedContinuation { continuation in
            close { continuation.resume() }
        }
    }

    /// Runs the body inside the fence, or returns nil where the fence is closed.
    func inside<Value>(_ body: () -> Value) -> Value? {
        let entered = state.withLock { state in
            if !state.closed { state.inside += 1 }
            return !state.closed
        }
        guard entered else { return nil }
        defer {
            let drained = state.withLock { state -> [@Sendable () -> Void] in
                state.inside -= 1
                guard state.inside == 0 else { return [] }
                defer { state.drained = [] }
                return state.drained
            }
            for call in drained { call() }
        }
        return body()
    }
}
