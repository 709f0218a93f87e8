import Linux
import TestKit
import Wire

/// The administrator of a guest, as if logged in there: a session with the agent's own socket, which `guest-tool relay`
/// puts onto a port of its own. It works beside a daemon on the agent's port. Its calls block.
struct GuestAdmin {
    private static let port = "org.ballast.admin.0"

    private let stream: UnixStream
    private var session = PeerSession(hello: Hello(role: .localAdmin, peer: "a test"))

    /// QEMU's arguments for the port.
    static func arguments(socket: String) -> [String] {
        [
            "-chardev", "socket,id=admin,path=\(socket),server=on,wait=off",
            "-device", "virtserialport,bus=serial0.0,id=port-admin,chardev=admin,name=\(port)",
        ]
    }

    /// Starts the relay in the guest.
    static func serve(_ guest: Guest) async throws {
        _ = try await guest.spawn("guest-tool relay \(port) /run/ballast/agent.sock")
    }

    /// Asks once, in a session of its own.
    static func ask(_ socket: String, _ message: ToGuest.Message) async throws -> ToHost.Message {
        try await offThread {
            var admin = try GuestAdmin(socket: socket)
            defer { admin.stream.shut() }
            return try admin.answer(to: message)
        }
    }

    /// The agent's report of these topics.
    static func report(_ socket: String, _ topics: Query.Topic...) async throws -> Report {
        guard case .report(let report) = try await ask(socket, .query(Query(topics: topics))) else {
            throw KitError("the agent answers a query with something else")
        }
        return report
    }

    /// The agent's account of its balloon.
    static func balloon(_ socket: String) async throws -> BalloonReport {
        guard let balloon = try await report(socket, .balloon).balloon else {
            throw KitError("the agent tells nothing of its balloon")
        }
        return balloon
    }

    private init(socket: String) throws {
        var generator = SystemRandomNumberGenerator()
        stream = try UnixStream(path: socket, timeout: .seconds(30))
        try transmit(session.start(session: generator.next() | 1, now: BoottimeClock.now()))
        let deadline = ContinuousClock().now + .seconds(30)
        while !session.isEstablished {
            guard ContinuousClock().now < deadline else { throw KitError("the agent does not greet its administrator") }
            _ = try receive()
        }
    }

    private mutating func answer(to message: ToGuest.Message) throws -> ToHost.Message {
        let (request, actions) = session.send(message)
        try transmit(actions)
        let deadline = ContinuousClock().now + .seconds(30)
        while ContinuousClock().now < deadline {
            for received in try receive() where received.inReplyTo == request {
                if let message = received.message { return message }
            }
        }
        throw KitError("the agent does not answer its administrator")
    }

    private mutating func receive() throws -> [ToHost] {
        guard let bytes = stream.read(timeout: .milliseconds(200)) else { throw KitError("the relay closed") }
        let now = BoottimeClock.now()
        var messages: [ToHost] = []
        for action in session.receive(bytes, now: now) + session.tick(now: now) {
            switch action {
            case .transmit: try transmit([action])
            case .failed(let fault): throw KitError("the session with the agent failed: \(fault)")
            case .established: break
            case .message(let message): messages.append(message)
            }
        }
        return messages
    }

    private func transmit(_ actions: [PeerSession.Action]) throws {
        for action in actions {
            switch action {
            case .transmit(let bytes): try stream.write(bytes, timeout: .seconds(10))
            case .failed(let fault): throw KitError("the session with the agent failed: \(fault)")
            default: break
            }
        }
    }
}
