extension ConnectionTable {
    /// The host asks for a port of the guest; nil where there are too many connections.
    public mutating func connect(to guestPort: UInt32) -> ConnectionID? {
        guard let port = freeHostPort(with: guestPort) else { return nil }
        let key = ConnectionKey(guestPort: guestPort, hostPort: port)
        guard let id = insert(Connection(key: key, phase: .asking, bufferBytes: limits.bufferBytes)) else { return nil }
        want(.request, for: id)
        return id
    }

    /// Somebody on the host serves the port that the guest asked for.
    public mutating func accept(_ id: ConnectionID) {
        guard let connection = connections[id], connection.phase == .answering else { return }
        connection.phase = .open
        want(.response, for: id)
    }

    /// Nobody does; or the connection has failed otherwise, and neither side gets more.
    public mutating func abort(_ id: ConnectionID) { reset(id) }

    /// The host's side sends no more, and all it sent was taken.
    public mutating func hostEndedSending(_ id: ConnectionID) { end(.sending, of: id) }

    /// The host's side takes no more. What waits for it is dropped.
    public mutating func hostEndedReceiving(_ id: ConnectionID) {
        guard let connection = connections[id] else { return }
        let waiting = connection.toHost.count
        connection.toHost.removeAll()
        if connection.forward(waiting) { want(.creditUpdate, for: id) }
        end(.receiving, of: id)
        finishIfDrained(id)
    }

    /// The host's side is gone, and all it sent was taken.
    public mutating func hostLeft(_ id: ConnectionID) {
        guard let connection = connections[id] else { return }
        switch connection.phase {
        case .asking where connection.pending.contains(.request): remove(id)
        case .asking, .answering: reset(id)
        case .draining: remove(id)
        case .leaving: break
        case .open:
            connection.toHost.removeAll()
            if connection.guestShutdown == .both { return reset(id) }
            end(.both, of: id)
            connection.phase = .leaving
            actions.append(.close(id))
        }
    }

    /// Hands the guest's oldest waiting bytes over; how many of them the body took is what it returns. Returns whether
    /// any are left.
    public mutating func deliver(_ id: ConnectionID, _ body: (Span<UInt8>) -> Int) -> Bool {
        guard let connection = connections[id], connection.toHost.count > 0 else { return false }
        let count = connection.toHost.count
        let taken = connection.toHost.consume(body)
        if connection.forward(taken) { want(.creditUpdate, for: id) }
        finishIfDrained(id)
        return taken < count
    }

    /// The host's side has bytes, and the guest no room: there will be a `resume`.
    public mutating func starve(_ id: ConnectionID) {
        guard let connection = connections[id], connection.phase == .open, connection.credit == 0 else { return }
        guard !connection.starved else { return }
        connection.starved = true
        if !connection.guestShutdown.contains(.receiving) { want(.creditRequest, for: id) }
    }

    private mutating func end(_ half: ShutdownFlags, of id: ConnectionID) {
        guard let connection = connections[id], connection.phase == .open, !connection.hostShutdown.isSuperset(of: half)
        else { return }
        connection.hostShutdown.formUnion(half)
        want(.shutdown, for: id)
    }
}
