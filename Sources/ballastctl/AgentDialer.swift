import HostAPI
import Linux
import SystemPackage
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// A small blocking client of an agent.
struct AgentDialer {
    /// How long an answer may take, in nanoseconds.
    private static let patience: UInt64 = 10_000_000_000

    private let stream: AgentStream
    private var session: PeerSession
    private var reply: HelloReply?
    private var inbox: [ToHost] = []
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Connects and introduces itself in the given role.
    init(_ place: GuestPlace, role: Role) throws {
        stream = try AgentStream(place)
        session = PeerSession(hello: Hello(role: role, peer: "ballastctl \(BallastVersion.current)"))
        let number: UInt64
        do {
            number = try RandomBytes.nonZero()
        } catch {
            throw APIError(code: .failed, message: "\(error)")
        }
        try perform(session.start(session: number, now: MonotonicClock.now()))
        try perform(session.receive(stream.first, now: MonotonicClock.now()))
        try pump { $0.reply != nil }
    }

    /// The agent's version, as it said.
    var agentVersion: String { reply?.agentVersion ?? "" }

    /// Asks for a report.
    mutating func query(_ topic: GuestTopic) throws -> Report {
        try ask(.query(topic.query)) { message in
            if case .report(let report) = message { report } else { nil }
        }
    }

    /// Changes policies; returns those in force.
    mutating func setPolicy(_ change: SetPolicy) throws -> PolicyState {
        try ask(.setPolicy(change)) { message in
            if case .policyState(let state) = message { state } else { nil }
        }
    }

    /// Forbids inflation for so many milliseconds; returns for how many it is forbidden now.
    mutating func hold(_ milliseconds: UInt64) throws -> UInt64 {
        try ask(.hold(Hold(milliseconds: milliseconds))) { message in
            if case .holdState(let state) = message { state.remainingMilliseconds } else { nil }
        }
    }

    /// Hands over events as they arrive, until the session ends.
    ///
    /// - Throws: what `body` throws, or why the session ended.
    mutating func follow(_ body: (Event) throws -> Void) throws {
        while true {
            for case .event(let event)? in inbox.map(\.message) { try body(event) }
            inbox.removeAll()
            try step(before: MonotonicClock.now() + Self.patience)
        }
    }

    private mutating func ask<Answer>(
        _ message: ToGuest.Message, _ pick: (ToHost.Message) -> Answer?
    ) throws -> Answer {
        let (request, actions) = session.send(message)
        inbox.removeAll()
        try perform(actions)
        try pump { dialer in dialer.inbox.contains { $0.inReplyTo == request } }
        for case (let number, let answer?) in inbox.map({ ($0.inReplyTo, $0.message) }) where number == request {
            if let value = pick(answer) { return value }
            if case .failure(let failure) = answer { throw Self.explain(failure) }
        }
        throw APIError(code: .failed, message: "the agent answered something else than it was asked")
    }

    private static func explain(_ failure: Failure) -> APIError {
        let refused: Set<Failure.Code> = [.refused, .notAllowed, .busy]
        return APIError(
            code: refused.contains(failure.code) ? .refused : .failed,
            message: "the agent says no (\(failure.code.name)): \(failure.message)")
    }

    private mutating func perform(_ actions: [PeerSession.Action]) throws {
        for action in actions {
            switch action {
            case .transmit(let bytes): try send(bytes)
            case .established(let reply): self.reply = reply
            case .message(let message):
                // Reports and events that nobody asked for may come in any number.
                if inbox.count < 1024 { inbox.append(message) }
            case .failed(.refused(let failure)): throw Self.explain(failure)
            case .failed(let fault): throw lost(fault)
            }
        }
    }

    private func lost(_ fault: SessionFault) -> APIError {
        switch fault {
        case .noAnswer:
            APIError(
                code: .unreachable, message: "no agent answers on \(stream.name)",
                remedy: "is the agent running? QEMU serves one client of a port at a time: ballast-host may have it")
        case .closed:
            APIError(
                code: .unreachable, message: "\(stream.name) was closed by the other side",
                remedy: "look at the agent's log")
        default:
            APIError(code: .failed, message: "what comes from \(stream.name) is not understood (\(fault.code))")
        }
    }

    private mutating func pump(until done: (AgentDialer) -> Bool) throws {
        let end = MonotonicClock.now() + Self.patience
        while !done(self) {
            guard MonotonicClock.now() < end else { throw lost(.noAnswer) }
            try step(before: end)
        }
    }

    /// Waits for bytes, at most until `end`, and takes them.
    private mutating func step(before end: UInt64) throws {
        let now = MonotonicClock.now()
        let next = min(end, session.deadline ?? end)
        try stream.wait(for: Int16(POLLIN), nanoseconds: next > now ? next - now : 0)
        let outcome: ByteChannel.Outcome
        do {
            outcome = try buffer.withUnsafeMutableBytes { space throws(LinuxError) in
                try ByteChannel.receive(stream.socket.descriptor, into: space)
            }
        } catch {
            throw APIError(code: .unreachable, message: "\(error)")
        }
        switch outcome {
        case .bytes(let count):
            try perform(session.receive(buffer[..<count], now: MonotonicClock.now()))
        case .closed:
            try perform(session.closed())
            throw lost(.closed)
        case .wouldBlock:
            break
        }
        try perform(session.tick(now: MonotonicClock.now()))
    }

    private func send(_ bytes: [UInt8]) throws {
        let end = MonotonicClock.now() + Self.patience
        var done = 0
        while done < bytes.count {
            let outcome: ByteChannel.Outcome
            do {
                outcome = try bytes[done...].withUnsafeBytes { part throws(LinuxError) in
                    try ByteChannel.send(stream.socket.descriptor, from: part)
                }
            } catch {
                throw APIError(code: .unreachable, message: "\(error)")
            }
            switch outcome {
            case .bytes(let count): done += count
            case .closed: throw lost(.closed)
            case .wouldBlock:
                let now = MonotonicClock.now()
                guard now < end else { throw lost(.noAnswer) }
                try stream.wait(for: Int16(POLLOUT), nanoseconds: end - now)
            }
        }
    }
}
