public import HostAPI
public import Logging
import Synchronization

/// The last events, for those who ask and those who wait; every event also goes to the logger.
public final class EventLog: Sendable {
    private struct State {
        var ring: [HostEvent] = []
        /// Index of the oldest event once the ring is full.
        var oldest = 0
        var last: UInt64
        var waiters: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var nextWaiter: UInt64 = 0
    }

    /// The most requests that wait at once; more get an answer at once.
    private static let mostWaiters = 256

    private let capacity: Int
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// Makes an empty log of the given capacity in events.
    ///
    /// Ids start at the present in milliseconds: they grow across restarts without being stored, as long as fewer
    /// than a thousand events a second happen on average.
    public init(
        capacity: Int = 4096, logger: Logger, firstID: UInt64? = nil,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.capacity = max(1, capacity)
        self.logger = logger
        self.now = now
        let first = firstID ?? UInt64(clamping: now().milliseconds)
        state = Mutex(State(last: max(1, first) - 1))
    }

    /// Adds an event, wakes who waits, and logs it.
    @discardableResult
    public func append(
        _ kind: HostEvent.Kind, vm: String? = nil, _ message: String, fields: [String: EventValue] = [:],
        level: Logger.Level = .info
    ) -> HostEvent {
        let time = now()
        let (event, waiters) = state.withLock { state in
            state.last += 1
            let event = HostEvent(
                id: state.last, time: time, vm: vm, kind: kind, message: message, fields: fields)
            if state.ring.count < capacity {
                state.ring.append(event)
            } else {
                state.ring[state.oldest] = event
                state.oldest = (state.oldest + 1) % capacity
            }
            let waiters = Array(state.waiters.values)
            state.waiters.removeAll()
            return (event, waiters)
        }
        for waiter in waiters { waiter.finish() }
        var metadata: Logger.Metadata = ["event": "\(kind.rawValue)"]
        if let vm { metadata["vm"] = "\(vm)" }
        for (key, value) in fields { metadata[key] = "\(value)" }
        logger.log(level: level, "\(message)", metadata: metadata)
        return event
    }

    /// Events after `since`, oldest first; nil asks for the newest. At most `limit`.
    public func page(since: UInt64?, limit: Int) -> EventPage {
        state.withLock { Self.page($0, since: since, limit: limit) }
    }

    /// As ``page(since:limit:)``; where it would be empty it waits for the next event, at most `wait`. Ends early,
    /// with what is there, when the task is cancelled.
    public func page(since: UInt64?, limit: Int, wait: Duration) async -> EventPage {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let (immediate, waiter) = state.withLock { state -> (EventPage?, UInt64) in
            let page = Self.page(state, since: since, limit: limit)
            guard page.events.isEmpty, wait > .zero, state.waiters.count < Self.mostWaiters else { return (page, 0) }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = continuation
            return (nil, state.nextWaiter)
        }
        if let immediate { return immediate }
        let timer = Task {
            try? await Task.sleep(for: wait)
            continuation.finish()
        }
        for await _ in stream {}
        timer.cancel()
        return state.withLock { state in
            state.waiters[waiter] = nil
            return Self.page(state, since: since, limit: limit)
        }
    }

    private static func page(_ state: State, since: UInt64?, limit: Int) -> EventPage {
        let limit = max(0, limit)
        let ordered = state.ring[state.oldest...] + state.ring[..<state.oldest]
        guard let asked = since else {
            return EventPage(events: Array(ordered.suffix(limit)), next: state.last)
        }
        // An id from the future is another log's: start over with what is here.
        let since = asked > state.last ? 0 : asked
        let events = Array(ordered.drop { $0.id <= since }.prefix(limit))
        let oldest = ordered.first?.id ?? state.last + 1
        return EventPage(
            events: events, next: events.last?.id ?? max(since, state.last),
            lost: since != 0 && since + 1 < oldest && !ordered.isEmpty)
    }
}
