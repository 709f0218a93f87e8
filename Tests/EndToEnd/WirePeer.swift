import Linux
import Wire

@testable import TestKit

/// The host's end of a session, by hand. Its calls block.
final class WirePeer: @unchecked Sendable {
    /// None at a time-out, nil at the end.
    private let read: () throws -> [UInt8]?
    private let write: ([UInt8]) throws -> Void
    private var stream: VsockStream?
    private var session: PeerSession
    private var established = false

    /// Over a hybrid vsock, to the agent's port.
    convenience init(vsock socket: String, hello: Hello) throws {
        guard let stream = try VsockStream(socket: socket, port: 700, timeout: .seconds(30)) else {
            throw KitError("nobody listens on the guest's port 700")
        }
        try self.init(
            hello: hello,
            read: {
                let bytes = try stream.read()
                return bytes.isEmpty ? nil : bytes
            }, write: { try stream.write($0, timeout: .seconds(5)) })
        self.stream = stream
    }

    /// Over the unix socket behind a virtio-serial port.
    convenience init(port socket: String, hello: Hello) throws {
        let stream = try UnixStream(path: socket, timeout: .seconds(30))
        try self.init(
            hello: hello, read: { stream.read(timeout: .milliseconds(200)) },
            write: { try stream.write($0, timeout: .seconds(5)) })
    }

    private init(
        hello: Hello, read: @escaping () throws -> [UInt8]?, write: @escaping ([UInt8]) throws -> Void
    ) throws {
        (self.read, self.write) = (read, write)
        session = PeerSession(hello: hello)
        try perform(session.start(session: try RandomBytes.nonZero(), now: MonotonicClock.now()))
        let deadline = ContinuousClock.now + .seconds(60)
        while !established {
            guard ContinuousClock.now < deadline, let bytes = try read() else {
                throw KitError("the agent does not greet, or ends the connection")
            }
            try perform(session.receive(bytes, now: MonotonicClock.now()))
            // What a port swallowed while it changed hands is said again.
            try perform(session.tick(now: MonotonicClock.now()))
        }
    }

    /// Asks without end and reads nothing, over vsock; returns whether the agent ended the connection for it.
    func askUntilDropped(within patience: Duration) -> Bool {
        guard let stream else { return false }
        var questions: [UInt8] = []
        for _ in 0..<100_000 {
            let (_, actions) = session.send(.query(Query(topics: [.memory, .pressure, .workingSet, .balloon])))
            for case .transmit(let bytes) in actions { questions += bytes }
        }
        let deadline = ContinuousClock.now + patience
        var sent = 0
        while sent < questions.count, ContinuousClock.now < deadline {
            let rest = Array(questions[sent..<min(sent + 65_536, questions.count)])
            guard let count = try? stream.writeSome(rest, timeout: .seconds(1)) else { return true }
            sent += count
        }
        return false
    }

    private func perform(_ actions: [PeerSession.Action]) throws {
        for action in actions {
            switch action {
            case .transmit(let bytes): try write(bytes)
            case .established: established = true
            case .message: break
            case .failed(let fault): throw Refused(fault: fault)
            }
        }
    }

    /// The agent said no.
    struct Refused: Error {
        let fault: SessionFault
    }
}
