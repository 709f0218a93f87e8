import Linux
import TestKit
import Wire

/// A host of the test's own: it speaks the protocol with a guest's agent, and answers what the agent offers as the
/// test says. Its calls block.
struct BareHost {
    /// What the agent offered.
    struct Offered {
        var offer: Wire.Offer
        var extents: [Extent]
        var receivedAt: UInt64
    }

    let nonce: Nonce
    private let stream: UnixStream
    private var session: PeerSession
    private var held: [UInt64: UInt64] = [:]

    /// Greets the agent behind the socket as a controller that may discard.
    init(socket: String, vmBytes: UInt64) throws {
        var generator = SystemRandomNumberGenerator()
        nonce = Nonce.random(using: &generator)
        stream = try UnixStream(path: socket, timeout: .seconds(30))
        session = PeerSession(
            hello: Hello(
                role: .controller, nonce: nonce.bytes, peer: "a test", agentBalloon: true, refusal: "",
                vmBytes: vmBytes))
        try transmit(session.start(session: generator.next() | 1, now: BoottimeClock.now()))
        let deadline = ContinuousClock().now + .seconds(60)
        while !session.isEstablished {
            guard ContinuousClock().now < deadline else { throw KitError("the agent does not greet") }
            _ = try receive()
        }
    }

    /// Sends a request.
    mutating func send(_ message: ToGuest.Message) throws { try transmit(session.send(message).actions) }

    /// Asks for a balloon of `bytes` and answers `count` offers; returns how often it answered.
    mutating func answer(
        offers count: Int, balloon bytes: UInt64, vmBytes: UInt64, timeout: Duration = .seconds(60),
        _ body: (Offered) -> (OfferResult.Status, UInt64)
    ) throws -> Int {
        try send(.setTarget(SetTarget(targetBytes: vmBytes - bytes, vmBytes: vmBytes)))
        let deadline = ContinuousClock().now + timeout
        var answered = 0
        while answered < count, ContinuousClock().now < deadline {
            // What comes on top in the same moment stays without an answer.
            for offered in try receive().prefix(count - answered) {
                let (status, discarded) = body(offered)
                try send(
                    .offerResult(
                        OfferResult(
                            chunk: offered.offer.chunk, sequence: offered.offer.sequence, status: status,
                            discardedBytes: discarded)))
                answered += 1
            }
        }
        return answered
    }

    /// Ends the session in order.
    mutating func goodbye() throws {
        try send(.goodbye(Goodbye()))
        stream.shut()
    }

    private mutating func receive() throws -> [Offered] {
        guard let bytes = stream.read(timeout: .milliseconds(200)) else { throw KitError("the agent's channel closed") }
        let now = BoottimeClock.now()
        var offers: [Offered] = []
        for action in session.receive(bytes, now: now) + session.tick(now: now) {
            switch action {
            case .transmit: try transmit([action])
            case .failed(let fault): throw KitError("the session with the agent failed: \(fault)")
            case .established: break
            case .message(let message):
                guard case .offer(let offer)? = message.message else { continue }
                guard let extents = Extent.decode(offer.extents) else { throw KitError("an offer with bad extents") }
                offers.append(Offered(offer: offer, extents: extents, receivedAt: now))
            }
        }
        return offers
    }

    private func transmit(_ actions: [PeerSession.Action]) throws {
        for action in actions {
            switch action {
            case .transmit(let bytes): try stream.write(bytes, timeout: .seconds(30))
            case .failed(let fault): throw KitError("the session with the agent failed: \(fault)")
            default: break
            }
        }
    }
}
