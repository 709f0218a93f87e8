extension ConnectionTable {
    /// Whether a packet without data waits for the guest.
    public var hasControl: Bool { resets.count > 0 || listed.count > 0 }

    /// The next packet without data that the guest has to get, if any.
    public mutating func nextControl() -> PacketHeader? {
        // Refusals first: a port may be in use again already.
        if let key = resets.popFirst() {
            return header(key, .reset)
        }
        while let id = listed.popFirst() {
            guard let connection = connections[id], !connection.pending.isEmpty else {
                connections[id]?.listed = false
                continue
            }
            let packet = first(of: connection.pending)
            connection.pending.remove(packet)
            connection.listed = !connection.pending.isEmpty
            if connection.listed { listed.append(id) }
            // The agreement was all that kept bytes waiting.
            if packet == .response { resumeIfPossible(id) }
            return control(packet, connection)
        }
        return nil
    }

    /// The header for `count` bytes that follow now. Charges them, so they have to be sent.
    /// - Parameter count: from 1 to `credit(of:)`; nil beyond.
    public mutating func data(for id: ConnectionID, count: Int) -> PacketHeader? {
        guard let connection = connections[id], count > 0, count <= connection.credit,
            let length = UInt32(exactly: count)
        else { return nil }
        connection.sentBytes &+= length
        return stamped(connection, .data, length: length)
    }

    /// What opens a connection goes before what uses it, what ends it last.
    private func first(of pending: Connection.Pending) -> Connection.Pending {
        let order: [Connection.Pending] = [.request, .response, .creditUpdate, .creditRequest, .shutdown]
        return order.first { pending.contains($0) } ?? pending
    }

    private func control(_ packet: Connection.Pending, _ connection: Connection) -> PacketHeader {
        switch packet {
        case .request: stamped(connection, .request)
        case .response: stamped(connection, .response)
        case .creditRequest: stamped(connection, .creditRequest)
        case .shutdown: stamped(connection, .shutdown, flags: connection.hostShutdown.rawValue)
        default: stamped(connection, .creditUpdate)
        }
    }

    /// A header that tells the credit, as each of a connection does.
    private func stamped(
        _ connection: Connection, _ operation: PacketHeader.Operation, flags: UInt32 = 0, length: UInt32 = 0
    ) -> PacketHeader {
        connection.toldForwardedBytes = connection.forwardedBytes
        var header = header(connection.key, operation)
        header.flags = flags
        header.length = length
        header.bufferBytes = UInt32(clamping: connection.toHost.capacity)
        header.forwardedBytes = connection.forwardedBytes
        return header
    }

    private func header(_ key: ConnectionKey, _ operation: PacketHeader.Operation) -> PacketHeader {
        PacketHeader(
            sourceCID: PacketHeader.hostCID, destinationCID: guestCID, sourcePort: key.hostPort,
            destinationPort: key.guestPort, operation: operation)
    }
}
