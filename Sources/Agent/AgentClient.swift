import Glibc
import Linux
public import SystemPackage
public import Wire

/// A small blocking client of the agent that runs in this guest, as its administrator: for package scripts and units.
public struct AgentClient {
    /// What a client introduces itself as that holds inflation because the guest hibernates.
    public static let hibernationPeer = "ballast-agent (hibernation)"

    private let path: FilePath
    private let socket: OwnedDescriptor
    private let patience: UInt64
    private var session: PeerSession
    private var isEstablished = false
    private var inbox: [ToHost] = []

    /// Connects to the agent's socket.
    /// - Parameters:
    ///   - peer: what to introduce itself as.
    ///   - patience: how long each answer may take, in nanoseconds.
    public init(
        path: FilePath, peer: String, patience: UInt64 = 10_000_000_000
    ) throws(AgentClientError) {
        self.path = path
        self.patience = patience
        let number: UInt64
        do {
            socket = try UnixSocket.connect(to: path)
            number = try RandomBytes.nonZero()
        } catch {
            throw AgentClientError(.unreachable, "\(error); is the agent running, and is this its socket?")
        }
        session = PeerSession(hello: Hello(role: .localAdmin, peer: peer))
        try perform(session.start(session: number, now: MonotonicClock.now()))
        try pump { $0.isEstablished }
    }

    /// Forbids inflation for a time in milliseconds: 0 ends that, 2^64-1 means until further notice.
    public mutating func hold(milliseconds: UInt64) throws(AgentClientError) -> HoldState {
        try ask(.hold(Hold(milliseconds: milliseconds))) { message in
            if case .holdState(let state) = message { state } else { nil }
        }
    }

    /// Orders the release of the whole balloon; returns the bytes it had.
    public mutating func release() throws(AgentClientError) -> UInt64 {
        try ask(.release(Release())) { message in
            if case .releaseAnswer(let answer) = message { answer.bytes } else { nil }
        }
    }

    /// What the balloon is like now.
    public mutating func balloon() throws(AgentClientError) -> BalloonReport {
        try ask(.query(Query(topics: [.balloon]))) { message in
            if case .report(let report) = message { report.balloon } else { nil }
        }
    }

    /// Orders the release of the whole balloon and waits until nothing is left of it.
    /// - Parameter patience: how long to wait, in nanoseconds. What is on its way to the host comes back once the host
    ///   has answered.
    /// - Returns: the bytes that came back.
    public mutating func releaseEverything(within patience: UInt64) throws(AgentClientError) -> UInt64 {
        let start = MonotonicClock.now()
        let ordered = try release()
        while true {
            let balloon = try balloon()
            let left = balloon.heldBytes &+ balloon.inFlightBytes &+ balloon.quarantinedBytes
            if left == 0 { return ordered }
            guard MonotonicClock.now() - start < patience else {
                throw AgentClientError(
                    .late, "\(left >> 20) MiB of the balloon did not come back in time; the host has not answered")
            }
            usleep(50_000)
        }
    }

    // MARK: Messages

    private mutating func ask<Answer>(
        _ message: ToGuest.Message, _ pick: (ToHost.Message) -> Answer?
    ) throws(AgentClientError) -> Answer {
        let (request, actions) = session.send(message)
        inbox.removeAll()
        try perform(actions)
        try pump { client in client.inbox.contains { $0.inReplyTo == request } }
        for case (let number, let answer?) in inbox.map({ ($0.inReplyTo, $0.message) }) where number == request {
            if let value = pick(answer) { return value }
            if case .failure(let failure) = answer { throw Self.refusal(failure) }
        }
        throw AgentClientError(.failed, "the agent answered something else than it was asked")
    }

    private static func refusal(_ failure: Failure) -> AgentClientError {
        AgentClientError(.refused, "the agent says no (\(failure.code)): \(failure.message)")
    }

    private mutating func perform(_ actions: [PeerSession.Action]) throws(AgentClientError) {
        for action in actions {
            switch action {
            case .transmit(let bytes): try send(bytes)
            case .established: isEstablished = true
            case .message(let message):
                // Events that nobody asked for may come in any number.
                if inbox.count < 1024 { inbox.append(message) }
            case .failed(.refused(let failure)): throw Self.refusal(failure)
            case .failed(.noAnswer): throw noAnswer
            case .failed(let fault):
                throw AgentClientError(.failed, "the connection to \(path) broke (\(fault.code))")
            }
        }
    }

    private var noAnswer: AgentClientError {
        AgentClientError(.unreachable, "no agent answers at \(path)")
    }

    // MARK: Bytes

    private mutating func pump(until done: (AgentClient) -> Bool) throws(AgentClientError) {
        let end = MonotonicClock.now() &+ patience
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while !done(self) {
            let now = MonotonicClock.now()
            guard now < end else { throw noAnswer }
            try wait(for: Int16(POLLIN), until: min(end, session.deadline ?? end))
            switch try receive(&buffer) {
            case .bytes(let count): try perform(session.receive(buffer[..<count], now: MonotonicClock.now()))
            case .closed: try perform(session.closed())
            case .wouldBlock: break
            }
            try perform(session.tick(now: MonotonicClock.now()))
        }
    }

    private func receive(_ buffer: inout [UInt8]) throws(AgentClientError) -> ByteChannel.Outcome {
        do {
            return try unsafe buffer.withUnsafeMutableBytes { space throws(LinuxError) in
                try unsafe ByteChannel.receive(socket.descriptor, into: space)
            }
        } catch {
            throw AgentClientError(.unreachable, "\(error)")
        }
    }

    private func send(_ bytes: [UInt8]) throws(AgentClientError) {
        let end = MonotonicClock.now() &+ patience
        var done = 0
        while done < bytes.count {
            let outcome: ByteChannel.Outcome
            do {
                outcome = try unsafe bytes[done...].withUnsafeBytes { part throws(LinuxError) in
                    try unsafe ByteChannel.send(socket.descriptor, from: part)
                }
            } catch {
                throw AgentClientError(.unreachable, "\(error)")
            }
            switch outcome {
            case .bytes(let count): done += count
            case .closed: throw AgentClientError(.failed, "\(path) was closed by the agent")
            case .wouldBlock:
                guard MonotonicClock.now() < end else { throw noAnswer }
                try wait(for: Int16(POLLOUT), until: end)
            }
        }
    }

    private func wait(for events: Int16, until end: UInt64) throws(AgentClientError) {
        let now = MonotonicClock.now()
        var entry = pollfd(fd: socket.rawValue, events: events, revents: 0)
        let milliseconds = Int32(clamping: (end > now ? end - now : 0) / 1_000_000 + 1)
        guard unsafe poll(&entry, 1, milliseconds) >= 0 || errno == EINTR else {
            throw AgentClientError(.failed, "waiting for \(path) failed: \(Errno(rawValue: errno))")
        }
    }
}
