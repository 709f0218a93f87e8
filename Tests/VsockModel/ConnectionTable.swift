/// All connections of one guest: packets of the guest and events of the host's sides in, packets for the guest and
/// actions for the host's sides out. Whatever the guest sends, what is kept for it is bounded: packets are answered
/// from one flag of each kind, and `resetsAreFull` tells when to take no more packets until some were fetched.
public struct ConnectionTable: ~Copyable {
    /// Bounds and addresses.
    public struct Limits: Sendable {
        /// Bytes that may wait for each connection's host side, which is the buffer that the guest is told.
        public var bufferBytes = 256 << 10
        /// Connections at the same time.
        public var connections = 1024
        /// Packets of refusal that may wait for the guest.
        public var resets = 256
        /// The host's ports of connections that it opens, given out in this order again and again.
        public var hostPorts: ClosedRange<UInt32> = 1 << 30...UInt32.max - 1

        /// The usual bounds.
        public init() {}
    }

    /// The guest's own address.
    public let guestCID: UInt64
    let limits: Limits
    var connections: [ConnectionID: Connection] = [:]
    var ids: [ConnectionKey: ConnectionID] = [:]
    /// Connections with a packet pending, in the order in which they get their turn.
    var listed = Fifo<ConnectionID>()
    /// Refusals for packets of no connection.
    var resets = Fifo<ConnectionKey>()
    var actions: [HostAction] = []
    private var lastID: UInt64 = 0
    private var nextPort: UInt32

    /// No connections yet.
    public init(guestCID: UInt64, limits: Limits = Limits()) {
        self.guestCID = guestCID
        self.limits = limits
        nextPort = limits.hostPorts.lowerBound
    }

    /// How many connections there are.
    public var count: Int { connections.count }

    /// Whether so many refusals wait that no further packet should be taken from the guest.
    public var resetsAreFull: Bool { resets.count >= limits.resets }

    /// The actions since the last call, oldest first.
    public mutating func takeActions() -> [HostAction] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    /// Bytes that the guest has room for. Never more than it told.
    public func credit(of id: ConnectionID) -> Int { connections[id]?.credit ?? 0 }

    /// The guest, or its driver, starts anew and knows none of the connections.
    public mutating func removeAll() {
        for id in connections.keys.sorted(by: { $0.rawValue < $1.rawValue }) { actions.append(.close(id)) }
        connections.removeAll()
        ids.removeAll()
        listed = Fifo()
        resets = Fifo()
    }

    mutating func insert(_ connection: Connection) -> ConnectionID? {
        // A guest that never confirms the end of connections is not waited for when room is needed.
        if connections.count >= limits.connections {
            let leaving = connections.filter { $0.value.phase == .leaving }.keys
            if let oldest = leaving.min(by: { $0.rawValue < $1.rawValue }) { reset(oldest) }
        }
        guard connections.count < limits.connections else { return nil }
        lastID += 1
        let id = ConnectionID(rawValue: lastID)
        connections[id] = connection
        ids[connection.key] = id
        return id
    }

    mutating func freeHostPort(with guestPort: UInt32) -> UInt32? {
        for _ in 0...limits.connections {
            let port = nextPort
            nextPort = nextPort >= limits.hostPorts.upperBound ? limits.hostPorts.lowerBound : nextPort + 1
            if ids[ConnectionKey(guestPort: guestPort, hostPort: port)] == nil { return port }
        }
        return nil
    }

    mutating func want(_ packet: Connection.Pending, for id: ConnectionID) {
        guard let connection = connections[id] else { return }
        connection.pending.insert(packet)
        if !connection.listed {
            connection.listed = true
            listed.append(id)
        }
    }

    /// Ends a connection on both sides.
    mutating func reset(_ id: ConnectionID) {
        guard let connection = connections[id] else { return }
        if connection.phase != .draining { resets.append(connection.key) }
        remove(id)
    }

    /// Ends a connection on the host's side; the guest knows already.
    mutating func remove(_ id: ConnectionID) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        if ids[connection.key] == id { ids[connection.key] = nil }
        actions.append(.close(id))
    }
}
