extension ConnectionTable {
    /// Takes a packet of the guest. `payload` has to be the header's `length` bytes.
    public mutating func receive(_ header: PacketHeader, _ payload: Span<UInt8>) {
        // As the kernel's own device does it: who forges an address gets no answer.
        guard header.sourceCID == guestCID, header.destinationCID == PacketHeader.hostCID else { return }
        let key = ConnectionKey(guestPort: header.sourcePort, hostPort: header.destinationPort)
        guard header.type == PacketHeader.streamType, let operation = PacketHeader.Operation(rawValue: header.operation)
        else {
            if header.operation != PacketHeader.Operation.reset.rawValue { refuse(key) }
            return
        }
        if operation == .request { return open(key, header) }
        guard let id = ids[key] else {
            if operation != .reset { refuse(key) }
            return
        }
        if operation == .reset { return guestReset(id) }
        connections[id]?.learnCredit(header)
        switch operation {
        case .response: response(id)
        case .data: data(id, payload)
        case .shutdown: shutdown(id, ShutdownFlags(rawValue: header.flags))
        case .creditRequest: want(.creditUpdate, for: id)
        case .creditUpdate, .request, .reset: break
        }
        resumeIfPossible(id)
    }

    /// A packet that makes no sense in its connection, or has none.
    private mutating func refuse(_ key: ConnectionKey) {
        if let id = ids[key] { reset(id) } else { resets.append(key) }
    }

    private mutating func open(_ key: ConnectionKey, _ header: PacketHeader) {
        if let id = ids[key] { return reset(id) }
        let connection = Connection(key: key, phase: .answering, bufferBytes: limits.bufferBytes)
        connection.learnCredit(header)
        guard let id = insert(connection) else { return resets.append(key) }
        actions.append(.dial(id, port: key.hostPort))
    }

    private mutating func response(_ id: ConnectionID) {
        guard let connection = connections[id] else { return }
        switch connection.phase {
        // The request is still here, so this answers nothing.
        case .asking where connection.pending.contains(.request): reset(id)
        case .asking:
            connection.phase = .open
            actions.append(.established(id, hostPort: connection.key.hostPort))
        case .answering, .open: reset(id)
        case .leaving, .draining: break
        }
    }

    private mutating func data(_ id: ConnectionID, _ payload: Span<UInt8>) {
        guard let connection = connections[id] else { return }
        switch connection.phase {
        case .open where connection.hostShutdown.contains(.receiving):
            // Nobody takes it, and the guest hears of that; what was underway is as good as delivered.
            if connection.forward(payload.count) { want(.creditUpdate, for: id) }
        case .open where !connection.guestShutdown.contains(.sending):
            // More than the credit that was given does not fit.
            guard connection.toHost.append(payload) else { return reset(id) }
            if !payload.isEmpty { actions.append(.deliver(id)) }
        case .leaving: break
        case .asking, .answering, .open, .draining: reset(id)
        }
    }

    private mutating func shutdown(_ id: ConnectionID, _ flags: ShutdownFlags) {
        guard let connection = connections[id] else { return }
        switch connection.phase {
        case .asking, .answering: return reset(id)
        case .leaving:
            // The guest leaves as well: both agree.
            if flags.isSuperset(of: .both) { reset(id) }
            return
        case .draining: return
        case .open: break
        }
        if flags.contains(.receiving), !connection.guestShutdown.contains(.receiving) {
            actions.append(.endReading(id))
        }
        connection.guestShutdown.formUnion(flags.intersection(.both))
        finishIfDrained(id)
    }

    private mutating func guestReset(_ id: ConnectionID) {
        guard let connection = connections[id] else { return }
        // A guest that closed in good order and then lost patience with a slow reader: the reader still gets all.
        if connection.phase == .open, connection.guestShutdown.contains(.sending), connection.toHost.count > 0 {
            connection.phase = .draining
            connection.pending = []
            ids[connection.key] = nil
        } else {
            remove(id)
        }
    }

    /// Passes the end of the guest's bytes on once all of them are delivered.
    mutating func finishIfDrained(_ id: ConnectionID) {
        guard let connection = connections[id], connection.toHost.count == 0 else { return }
        if connection.phase == .draining { return remove(id) }
        guard connection.phase == .open, connection.guestShutdown.contains(.sending) else { return }
        if connection.guestShutdown == .both { return reset(id) }
        guard !connection.writingEnded else { return }
        connection.writingEnded = true
        actions.append(.endWriting(id))
    }

    mutating func resumeIfPossible(_ id: ConnectionID) {
        guard let connection = connections[id], connection.starved, connection.credit > 0 else { return }
        connection.starved = false
        actions.append(.resume(id))
    }
}
