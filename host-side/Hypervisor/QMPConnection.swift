import Logging
import NIOCore
import Synchronization

/// What a connection knows while it lives: the commands in flight and where events go. Reached from the event loop
/// and from callers alike.
final class QMPConnection: Sendable {
    private struct Pending {
        let command: String
        let promise: EventLoopPromise<JSONValue>
        let timer: Scheduled<Void>
    }

    private struct State {
        var nextID: UInt64 = 1
        var pending: [UInt64: Pending] = [:]
        var closed: QMPError?
        var greeted = false
        var unmatched: UInt64 = 0
    }

    let greeting: EventLoopPromise<QMPGreeting>
    let events: AsyncStream<QMPEvent>
    private let eventSink: AsyncStream<QMPEvent>.Continuation
    private let observer: (@Sendable (QMPEvent) -> Void)?
    private let logger: Logger
    private let state = Mutex(State())

    init(
        greeting: EventLoopPromise<QMPGreeting>, eventCapacity: Int, observer: (@Sendable (QMPEvent) -> Void)?,
        logger: Logger
    ) {
        self.greeting = greeting
        self.observer = observer
        self.logger = logger
        (events, eventSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(eventCapacity))
    }

    /// Books a command in flight and returns its id, or the reason why the connection takes none any more.
    func register(
        _ command: String, on channel: any Channel, timeout: Duration
    ) -> Result<(id: UInt64, future: EventLoopFuture<JSONValue>), QMPError> {
        state.withLock { state in
            if let closed = state.closed { return .failure(closed) }
            let id = state.nextID
            state.nextID &+= 1
            let promise = channel.eventLoop.makePromise(of: JSONValue.self)
            let timer = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { [weak self] () -> Void in
                self?.fail(
                    id, QMPError(.timeout, command: command, "QEMU did not answer \(command) within \(timeout)"))
            }
            state.pending[id] = Pending(command: command, promise: promise, timer: timer)
            return .success((id, promise.futureResult))
        }
    }

    /// Ends one command in flight with an error; nothing happens where it was answered already.
    func fail(_ id: UInt64, _ error: QMPError) {
        guard let pending = state.withLock({ $0.pending.removeValue(forKey: id) }) else { return }
        pending.timer.cancel()
        pending.promise.fail(error)
    }

    /// Takes one message from the wire. Returns the error that must end the connection, if any.
    func take(_ message: QMPMessage) -> QMPError? {
        switch message {
        case .greeting(let value):
            let first = state.withLock { state in
                defer { state.greeted = true }
                return !state.greeted
            }
            if first { greeting.succeed(value) }
        case .success(let id, let value):
            guard let pending = match(id) else { return nil }
            pending.promise.succeed(value)
        case .failure(let id, let errorClass, let description):
            guard let pending = match(id) else {
                logger.warning("QEMU reported an error without a command", metadata: ["error": "\(description)"])
                return nil
            }
            pending.promise.fail(
                QMPError(
                    .command, command: pending.command, errorClass: errorClass,
                    "QEMU refused \(pending.command): \(description)"))
        case .event(let event):
            observer?(event)
            if case .dropped = eventSink.yield(event) {
                return QMPError(
                    .eventOverflow,
                    "QEMU sent more events than were taken; the connection is closed so that none is missed unnoticed")
            }
        }
        return nil
    }

    /// Ends everything in flight with the reason; the first reason stays.
    func end(_ reason: QMPError) {
        let (pending, greeted) = state.withLock { state in
            if state.closed == nil { state.closed = reason }
            let greeted = state.greeted
            state.greeted = true
            defer { state.pending = [:] }
            return (state.pending, greeted)
        }
        if !greeted { greeting.fail(reason) }
        for entry in pending.values {
            entry.timer.cancel()
            entry.promise.fail(
                QMPError(reason.code, command: entry.command, "\(entry.command) was not answered: \(reason)"))
        }
        eventSink.finish()
    }

    /// Why the connection ended, nil while it lives.
    var closedReason: QMPError? { state.withLock(\.closed) }

    private func match(_ id: UInt64?) -> Pending? {
        let pending = state.withLock { state -> Pending? in
            guard let id, let pending = state.pending.removeValue(forKey: id) else {
                // The late answer of a command that timed out.
                state.unmatched &+= 1
                return nil
            }
            return pending
        }
        pending?.timer.cancel()
        return pending
    }
}
