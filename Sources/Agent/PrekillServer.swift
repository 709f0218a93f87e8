public import Linux
public import SystemPackage

/// The socket that systemd-oomd looks for before it kills. Everything is non-blocking: one descriptor becomes readable
/// when there is something to do, and a silent peer is dropped at its deadline. Root and systemd-oomd are served,
/// others are turned away at once.
public final class PrekillServer {
    /// The most connections at a time; a further one takes the place of the oldest.
    private static let mostConnections = 8
    private static let listenerToken: UInt64 = 0

    private let path: FilePath
    private let epoll: Epoll
    private let listener: OwnedDescriptor
    private let isAllowed: (UInt32) -> Bool
    private var connections: [UInt64: (socket: OwnedDescriptor, session: PrekillSession)] = [:]
    private var nextToken: UInt64 = 1
    private var buffer = [UInt8](repeating: 0, count: 4096)

    /// Listens at `path`; nil where its folder does not exist, which is so before systemd 260.
    /// - Parameters:
    ///   - users: the user database, where systemd-oomd's user is looked up.
    public static func listen(
        at path: FilePath, users: FilePath = "/etc/passwd"
    ) throws(LinuxError) -> PrekillServer? {
        guard SmallFile.exists(path.removingLastComponent()) else { return nil }
        return try PrekillServer(path) { $0 == 0 || $0 == PasswordFile.userID(of: "systemd-oom", in: users) }
    }

    init(_ path: FilePath, isAllowed: @escaping (UInt32) -> Bool) throws(LinuxError) {
        self.path = path
        self.isAllowed = isAllowed
        epoll = try Epoll(capacity: 16)
        // systemd-oomd may pass by the rights (CAP_DAC_OVERRIDE in its unit).
        listener = try UnixSocket.listen(at: path, mode: 0o600)
        try epoll.add(listener.descriptor, for: .readable, token: Self.listenerToken)
    }

    /// Readable when ``serve(now:release:)`` has something to do.
    public var descriptor: FileDescriptor { epoll.descriptor }

    /// When ``tick(now:)`` has something to do, in nanoseconds; nil without a connection.
    public var deadline: UInt64? { connections.values.map(\.session.deadline).min() }

    /// Accepts, reads and answers what is there.
    /// - Parameter release: gives the balloon back, since this cgroup is about to be killed; it returns before the
    ///   reply is sent, and must not wait for anybody.
    public func serve(now: UInt64, release: (_ cgroup: String) -> Void) {
        guard let count = try? epoll.wait(milliseconds: 0) else { return }
        let tokens = (0..<count).map { epoll[$0].token }
        for token in tokens {
            if token == Self.listenerToken { accept(now) } else { read(token, now, release) }
        }
    }

    /// Drops peers that were silent for too long.
    public func tick(now: UInt64) {
        for token in connections.keys.sorted() {
            guard let actions = connections[token]?.session.tick(now: now) else { continue }
            perform(actions, token) { _ in }
        }
    }

    /// Stops to listen, and removes the socket so that systemd-oomd does not try it.
    public func close() {
        for token in Array(connections.keys) { drop(token) }
        listener.close()
        try? AtomicFile.remove(path)
    }

    private func accept(_ now: UInt64) {
        // Bounded: whoever connects all the time has to wait for the rest of the agent's work.
        for _ in 0..<Self.mostConnections {
            guard let socket = (try? UnixSocket.accept(listener.descriptor)) ?? nil else { return }
            guard let peer = try? UnixSocket.peer(of: socket.descriptor), isAllowed(peer.userID) else { continue }
            if connections.count >= Self.mostConnections, let oldest = connections.keys.min() { drop(oldest) }
            let token = nextToken
            nextToken += 1
            guard (try? epoll.add(socket.descriptor, for: [.readable, .peerClosed], token: token)) != nil else {
                continue
            }
            connections[token] = (socket, PrekillSession(now: now))
        }
    }

    private func read(_ token: UInt64, _ now: UInt64, _ release: (String) -> Void) {
        // A few calls fit; what is left wakes us again.
        guard let socket = connections[token]?.socket else { return }
        let outcome = try? unsafe buffer.withUnsafeMutableBytes { space throws(LinuxError) in
            try unsafe ByteChannel.receive(socket.descriptor, into: space)
        }
        switch outcome {
        case .bytes(let count)?:
            guard let actions = connections[token]?.session.receive(buffer[..<count], now: now) else { return }
            perform(actions, token, release)
        case .wouldBlock?: break
        case .closed?, nil: drop(token)
        }
    }

    private func perform(_ actions: [PrekillSession.Action], _ token: UInt64, _ release: (String) -> Void) {
        for action in actions {
            switch action {
            case .release(let cgroup): release(cgroup)
            case .transmit(let bytes): send(bytes, token)
            case .close: drop(token)
            }
        }
    }

    /// Replies are small; a peer whose buffer is full does not read them.
    private func send(_ bytes: [UInt8], _ token: UInt64) {
        guard let socket = connections[token]?.socket else { return }
        let outcome = try? unsafe bytes.withUnsafeBytes { part throws(LinuxError) in
            try unsafe ByteChannel.send(socket.descriptor, from: part)
        }
        if outcome != .bytes(bytes.count) { drop(token) }
    }

    private func drop(_ token: UInt64) {
        guard let connection = connections.removeValue(forKey: token) else { return }
        epoll.remove(connection.socket.descriptor)
        connection.socket.close()
    }
}
