import Glibc
import Linux
import Synchronization
import SystemPackage
import Wire

/// The local socket of an agent, of a few lines: it answers requests on a thread of its own, one connection after
/// another, until it is stopped.
final class FakeAgent: Sendable {
    /// Answers a request of a peer that calls itself so; nil says nothing.
    typealias Answer = @Sendable (_ peer: String, ToGuest.Message) -> ToHost.Message?

    private let stopping = Atomic(false)
    private let listener: OwnedDescriptor
    private let answer: Answer

    init(path: FilePath, answer: @escaping Answer) throws {
        self.answer = answer
        listener = try UnixSocket.listen(at: path)
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(self)
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<FakeAgent>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, box.toOpaque())
        guard status == 0 else { throw Errno(rawValue: status) }
        unsafe pthread_detach(thread)
    }

    func stop() { stopping.store(true, ordering: .relaxed) }

    private func run() {
        while !stopping.load(ordering: .relaxed) {
            guard wait(listener), let socket = (try? UnixSocket.accept(listener.descriptor)) ?? nil else { continue }
            serve(socket)
        }
    }

    private func serve(_ socket: OwnedDescriptor) {
        var session = AgentSession(allowedRoles: [.localAdmin])
        var peer = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !stopping.load(ordering: .relaxed) {
            guard wait(socket) else { continue }
            let outcome = try? unsafe buffer.withUnsafeMutableBytes { space throws(LinuxError) in
                try unsafe ByteChannel.receive(socket.descriptor, into: space)
            }
            guard case .bytes(let count)? = outcome else { return }
            perform(session.receive(buffer[..<count], now: MonotonicClock.now()), &session, &peer, socket)
        }
    }

    private func perform(
        _ actions: [AgentSession.Action], _ session: inout AgentSession, _ peer: inout String,
        _ socket: OwnedDescriptor
    ) {
        for action in actions {
            switch action {
            case .transmit(let bytes):
                _ = try? unsafe bytes.withUnsafeBytes { part throws(LinuxError) in
                    try unsafe ByteChannel.send(socket.descriptor, from: part)
                }
            case .hello(let hello):
                peer = hello.peer
                perform(session.accept(HelloReply(agentVersion: "fake")), &session, &peer, socket)
                perform(session.send(.event(Event(kind: .held))), &session, &peer, socket)
            case .request(let number, let message):
                if let reply = answer(peer, message) {
                    perform(session.send(reply, inReplyTo: number), &session, &peer, socket)
                }
            case .unsent, .ended: return
            }
        }
    }

    private func wait(_ socket: OwnedDescriptor) -> Bool {
        var entry = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 50) > 0
    }
}
