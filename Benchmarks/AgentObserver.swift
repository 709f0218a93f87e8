import Linux
import TestKit
import Wire

/// A session with the agent that only reads: what one query costs from end to end. Its calls block.
final class AgentObserver {
    private let read: () throws -> [UInt8]?
    private let write: ([UInt8]) throws -> Void
    private let shut: () -> Void
    private var session = PeerSession(hello: Hello(role: .observer, peer: "ballast-bench"))
    private var established = false
    private var answered: UInt64 = 0
    private var latest = Report()

    /// Connects to the host's end of the agent's channel and greets.
    convenience init(path: String) throws {
        let stream = try UnixStream(path: path, timeout: .seconds(30))
        try self.init(
            read: { stream.read(timeout: .milliseconds(500)) },
            write: { try stream.write($0, timeout: .seconds(10)) }, shut: { stream.shut() })
    }

    /// Greets over a vsock connection.
    convenience init(vsock stream: VsockStream) throws {
        try self.init(
            read: {
                let bytes = try stream.read(timeout: .seconds(30))
                return bytes.isEmpty ? nil : bytes
            }, write: { try stream.write($0, timeout: .seconds(10)) }, shut: {})
    }

    private init(
        read: @escaping () throws -> [UInt8]?, write: @escaping ([UInt8]) throws -> Void, shut: @escaping () -> Void
    ) throws {
        (self.read, self.write, self.shut) = (read, write, shut)
        try perform(session.start(session: try RandomBytes.nonZero(), now: MonotonicClock.now()))
        try pump { $0.established }
    }

    deinit { shut() }

    /// Seconds of one query of the guest's memory.
    func query() throws -> Double {
        let begin = MonotonicClock.now()
        let (request, actions) = session.send(.query(Query(topics: [.memory])))
        try perform(actions)
        try pump { $0.answered == request }
        return Double(MonotonicClock.now() - begin) / 1e9
    }

    /// The agent's answer to a query of these topics.
    func report(_ topics: [Query.Topic]) throws -> Report {
        let (request, actions) = session.send(.query(Query(topics: topics)))
        try perform(actions)
        try pump { $0.answered == request }
        return latest
    }

    private func perform(_ actions: [PeerSession.Action]) throws {
        for action in actions {
            switch action {
            case .transmit(let bytes): try write(bytes)
            case .established: established = true
            case .message(let message):
                if case .report(let report) = message.message {
                    latest = report
                    answered = message.inReplyTo
                }
            case .failed(let fault): throw BenchError("the session with the agent ended: \(fault)")
            }
        }
    }

    private func pump(until done: (AgentObserver) -> Bool) throws {
        let deadline = MonotonicClock.now() + 30_000_000_000
        while !done(self) {
            guard MonotonicClock.now() < deadline, let bytes = try read() else {
                throw BenchError("the agent does not answer")
            }
            try perform(session.receive(bytes, now: MonotonicClock.now()))
            try perform(session.tick(now: MonotonicClock.now()))
        }
    }
}
