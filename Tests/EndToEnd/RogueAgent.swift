import Linux
import TestKit
import Wire

/// An agent of the test's own behind a unix socket: it greets the daemon as a real one does, and then does what the
/// test wants. Its calls block.
struct RogueAgent {
    let stream: UnixStream
    private var session = AgentSession(allowedRoles: [.controller])
    /// The session's number, for frames of the test's own making.
    private(set) var number: UInt64 = 0
    /// The nonce that stamps must carry.
    private(set) var nonce: [UInt8] = []

    /// What the daemon said and nobody has taken yet.
    private var inbox: [Request] = []

    /// What the daemon said.
    struct Request: Sendable {
        var number: UInt64
        var message: ToGuest.Message
    }

    /// Waits for the daemon to dial, and greets it. Says at once that it holds nothing, unless `tellsInventory` is
    /// false.
    init(_ listener: UnixListener, tellsInventory: Bool = true) throws {
        let deadline = ContinuousClock().now + .seconds(180)
        while true {
            do {
                // A daemon that dialled while nobody accepted may have hung up since, and dials again.
                self = try RogueAgent(
                    greeting: try listener.accept(timeout: .seconds(180)), tellsInventory: tellsInventory)
                return
            } catch {
                guard ContinuousClock().now < deadline else { throw error }
            }
        }
    }

    private init(greeting stream: UnixStream, tellsInventory: Bool) throws {
        self.stream = stream
        let deadline = ContinuousClock().now + .seconds(180)
        while session.role == nil {
            guard ContinuousClock().now < deadline else { throw KitError("the daemon does not greet") }
            guard let bytes = stream.read(timeout: .milliseconds(500)) else { throw KitError("the daemon hung up") }
            if number == 0, bytes.count >= Frame.headerBytes {
                number = bytes[8..<16].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            try perform(session.receive(bytes, now: BoottimeClock.now()))
        }
        if tellsInventory { try say(.inventory(Inventory(last: true))) }
    }

    private mutating func perform(_ actions: [AgentSession.Action]) throws {
        for action in actions {
            switch action {
            case .transmit(let bytes): try stream.write(bytes, timeout: .seconds(30))
            case .hello(let hello):
                nonce = hello.nonce
                var reply = HelloReply()
                reply.agentVersion = "rogue"
                reply.kernel = "0.0"
                reply.pageBytes = 4096
                reply.balloonAvailable = true
                reply.chunkBytes = 64 << 20
                reply.slots = 4
                try perform(session.accept(reply))
            case .request(let number, let message): inbox.append(Request(number: number, message: message))
            case .unsent(let bytes): throw KitError("a message of \(bytes) bytes is too long for a frame")
            case .ended: break
            }
        }
    }

    /// Sends a message in a good frame.
    mutating func say(_ message: ToHost.Message, to request: UInt64 = 0) throws {
        try perform(session.send(message, inReplyTo: request))
    }

    /// The next thing that the daemon says and that `wanted` makes something of; nil where nothing came in time or the
    /// daemon hung up. What else it says meanwhile is forgotten.
    mutating func next<Result>(
        within timeout: Duration = .seconds(120), _ wanted: (Request) -> Result?
    ) throws -> Result? {
        let deadline = ContinuousClock().now + timeout
        while true {
            while !inbox.isEmpty {
                if let result = wanted(inbox.removeFirst()) { return result }
            }
            guard ContinuousClock().now < deadline, let bytes = stream.read(timeout: .milliseconds(50)) else {
                return nil
            }
            try perform(session.receive(bytes, now: BoottimeClock.now()))
        }
    }

    /// Sends bytes as they are; an error only says that the daemon has hung up.
    func send(_ bytes: [UInt8]) { try? stream.write(bytes, timeout: .seconds(10)) }

    /// A good frame with that payload.
    func frame(_ payload: [UInt8]) -> [UInt8] {
        Frame(kind: .data, session: number, payload: payload).encoded() ?? []
    }

    /// Reads until the daemon hangs up; false where it has not by then.
    func waitForEnd(_ timeout: Duration = .seconds(120)) -> Bool {
        let deadline = ContinuousClock().now + timeout
        while ContinuousClock().now < deadline {
            if stream.read(timeout: .milliseconds(200)) == nil { return true }
        }
        return false
    }

    /// The daemon's next answer to an offer.
    mutating func offerResult() throws -> OfferResult? {
        try next { if case .offerResult(let result) = $0.message { result } else { nil } }
    }
}

/// A rogue agent that keeps its channel open and says and reads nothing.
final class SilentAgent: Sendable {
    private let stream: UnixStream

    init(_ agent: RogueAgent) { stream = agent.stream }

    /// Hangs up.
    func end() { stream.shut() }
}
