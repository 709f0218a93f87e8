import Linux
import SystemPackage
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// An agent of a few lines on a unix socket: answers queries with a report, and policies unless they are refused. It
/// serves one connection and ends with it.
final class FakeAgent: Sendable {
    /// Answers a request.
    typealias Answer = @Sendable (ToGuest.Message) -> ToHost.Message

    /// Starts listening, and serves on a thread of its own.
    ///
    /// - Parameter greeting: what it says on its own once a session is established.
    init(
        path: String, roles: Set<Role>, greeting: [ToHost.Message] = [.report(Report(uptimeMilliseconds: 1))],
        answer: @escaping Answer
    ) throws {
        let listener = try UnixSocket.listen(at: FilePath(path))
        let serving = Serving(
            listener: listener, session: AgentSession(allowedRoles: roles), greeting: greeting,
            answer: answer)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(serving)
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { try? Unmanaged<Serving>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        guard status == 0 else { throw Errno(rawValue: status) }
        pthread_detach(thread)
    }
}

private final class Serving {
    private let listener: OwnedDescriptor
    private var session: AgentSession
    private let greeting: [ToHost.Message]
    private let answer: FakeAgent.Answer

    init(
        listener: OwnedDescriptor, session: AgentSession, greeting: [ToHost.Message],
        answer: @escaping FakeAgent.Answer
    ) {
        self.listener = listener
        self.session = session
        self.greeting = greeting
        self.answer = answer
    }

    func run() throws {
        wait(listener.descriptor)
        guard let socket = try UnixSocket.accept(listener.descriptor) else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            wait(socket.descriptor)
            switch try buffer.withUnsafeMutableBytes({ try ByteChannel.receive(socket.descriptor, into: $0) }) {
            case .bytes(let count):
                try perform(session.receive(buffer[..<count], now: MonotonicClock.now()), socket)
            case .closed: return
            case .wouldBlock: break
            }
        }
    }

    private func perform(_ actions: [AgentSession.Action], _ socket: OwnedDescriptor) throws {
        for action in actions {
            switch action {
            case .transmit(let bytes):
                _ = try bytes.withUnsafeBytes { try ByteChannel.send(socket.descriptor, from: $0) }
            case .hello:
                try perform(session.accept(HelloReply(agentVersion: "fake")), socket)
                // What nobody asked for comes in between.
                for message in greeting { try perform(session.send(message), socket) }
            case .request(let number, let message):
                try perform(session.send(answer(message), inReplyTo: number), socket)
            case .unsent, .ended: return
            }
        }
    }

    private func wait(_ descriptor: FileDescriptor) {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, 5000)
    }
}
