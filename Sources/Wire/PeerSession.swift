/// The dialling side of a session (host controller, observer, local administrator): bytes and times in, actions out.
///
/// ``start(session:now:)`` sends a resync and drops everything until its echo; then Hello; then messages flow. Any fault
/// ends the session; the caller makes a new one, which may begin on the same stream with a new number.
public struct PeerSession: Sendable {
    /// What the caller has to do.
    public enum Action: Sendable, Hashable {
        /// Send these bytes.
        case transmit([UInt8])
        /// The handshake is complete.
        case established(HelloReply)
        /// The agent said something.
        case message(ToHost)
        /// The session is over; nothing more comes from it.
        case failed(SessionFault)
    }

    /// Times and rates.
    public struct Limits: Sendable, Hashable {
        /// Nanoseconds between two resync frames while no echo arrives.
        public var resyncInterval: UInt64 = 1_000_000_000
        /// Nanoseconds from start to the answer of Hello.
        public var handshake: UInt64 = 15_000_000_000
        /// Nanoseconds for a frame to arrive whole.
        public var frame: UInt64 = 5_000_000_000
        /// Messages in a burst.
        public var burst: UInt64 = 20_000
        /// Messages each second.
        public var rate: UInt64 = 5_000

        /// The defaults.
        public init() {}
    }

    private enum State: Hashable {
        case idle
        case resyncing(lastSent: UInt64)
        case greeting
        case established
        case over
    }

    private let hello: Hello
    private let limits: Limits
    private var state = State.idle
    private var decoder: FrameDecoder
    private var bucket: TokenBucket
    private var session: UInt64 = 0
    private var started: UInt64 = 0
    private var lastRequest: UInt64 = 0
    /// Frames of other sessions that were dropped.
    public private(set) var staleFrames: UInt64 = 0

    /// A session that will introduce itself with `hello`.
    public init(hello: Hello, limits: Limits = Limits()) {
        self.hello = hello
        self.limits = limits
        decoder = FrameDecoder(frameDeadline: limits.frame)
        decoder.onlyResync = true
        bucket = TokenBucket(capacity: limits.burst, perSecond: limits.rate)
    }

    /// Whether messages flow.
    public var isEstablished: Bool { state == .established }

    /// When ``tick(now:)`` has something to do.
    public var deadline: UInt64? {
        switch state {
        case .idle, .over: nil
        case .resyncing(let lastSent): min(lastSent &+ limits.resyncInterval, started &+ limits.handshake)
        case .greeting: min(started &+ limits.handshake, decoder.deadline ?? .max)
        case .established: decoder.deadline
        }
    }

    /// Begins with the random number `session`, which is not 0.
    public mutating func start(session: UInt64, now: UInt64) -> [Action] {
        guard state == .idle, session != 0 else { return fail(.unexpected("start")) }
        self.session = session
        started = now
        state = .resyncing(lastSent: now)
        return transmit(Frame(kind: .resync, session: session))
    }

    /// Takes bytes from the stream.
    public mutating func receive(_ bytes: some Sequence<UInt8>, now: UInt64) -> [Action] {
        if state == .idle || state == .over { return [] }
        return handle(decoder.feed(bytes, now: now), now: now)
    }

    /// Lets time pass.
    public mutating func tick(now: UInt64) -> [Action] {
        if state == .idle || state == .over { return [] }
        var actions = handle(decoder.expire(now: now), now: now)
        if state == .greeting || isResyncing, now >= started &+ limits.handshake { return actions + fail(.noAnswer) }
        if case .resyncing(let lastSent) = state, now >= lastSent &+ limits.resyncInterval {
            state = .resyncing(lastSent: now)
            actions += transmit(Frame(kind: .resync, session: session))
        }
        return actions
    }

    /// The stream ended.
    public mutating func closed() -> [Action] { fail(.closed) }

    /// Sends `message`; the request number is what its answers repeat.
    public mutating func send(_ message: ToGuest.Message) -> (request: UInt64, actions: [Action]) {
        guard state == .established else { return (0, []) }
        return post(message)
    }

    private mutating func post(_ message: ToGuest.Message) -> (request: UInt64, actions: [Action]) {
        lastRequest += 1
        let payload = ToGuest(request: lastRequest, message: message).encoded()
        return (lastRequest, transmit(Frame(kind: .data, session: session, payload: payload)))
    }

    private var isResyncing: Bool {
        if case .resyncing = state { true } else { false }
    }

    private mutating func transmit(_ frame: Frame) -> [Action] {
        guard let bytes = frame.encoded() else { return fail(.tooLong) }
        return [.transmit(bytes)]
    }

    private mutating func fail(_ fault: SessionFault) -> [Action] {
        if state == .over { return [] }
        state = .over
        decoder.reset()
        return [.failed(fault)]
    }

    private mutating func handle(_ frames: [Frame], now: UInt64) -> [Action] {
        var actions: [Action] = []
        // Until the echo, anything may be left of an earlier session; afterwards a fault is the agent's.
        let synchronised = !isResyncing
        for frame in frames {
            actions += handle(frame, now: now)
            if state == .over { return actions }
        }
        if let fault = decoder.takeFault(), synchronised { actions += fail(.frame(fault)) }
        return actions
    }

    private mutating func handle(_ frame: Frame, now: UInt64) -> [Action] {
        guard frame.session == session else {
            staleFrames &+= 1
            return []
        }
        switch (state, frame.kind) {
        case (.resyncing, .resyncEcho):
            state = .greeting
            decoder.onlyResync = false
            return post(.hello(hello)).actions
        case (_, .resyncEcho), (.resyncing, _):
            // The echo of a repeated resync.
            return []
        case (.greeting, .data), (.established, .data):
            guard bucket.take(now: now) else { return fail(.flooding) }
            do throws(ProtobufError) {
                return accept(try ToHost(decoding: frame.payload))
            } catch {
                return fail(.malformed(error))
            }
        default:
            return fail(.unexpected("\(frame.kind) frame"))
        }
    }

    private mutating func accept(_ message: ToHost) -> [Action] {
        if state == .established {
            if case .helloReply = message.message { return fail(.unexpected("second HelloReply")) }
            return [.message(message)]
        }
        switch message.message {
        case .helloReply(let reply):
            state = .established
            return [.established(reply)]
        case .failure(let failure): return fail(.refused(failure))
        default: return fail(.unexpected("message before HelloReply"))
        }
    }
}
