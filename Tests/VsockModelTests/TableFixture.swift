import VsockModel

/// A table of connections with short words for what a guest sends.
final class TableFixture {
    static let cid: UInt64 = 42
    var table: ConnectionTable

    init(bufferBytes: Int = 1024, connections: Int = 8, resets: Int = 16, hostPorts: ClosedRange<UInt32> = 1000...2000)
    {
        var limits = ConnectionTable.Limits()
        limits.bufferBytes = bufferBytes
        limits.connections = connections
        limits.resets = resets
        limits.hostPorts = hostPorts
        table = ConnectionTable(guestCID: Self.cid, limits: limits)
    }

    // The testing macros take nothing that cannot be copied.
    func connect(to port: UInt32) -> ConnectionID? { table.connect(to: port) }
    func credit(of id: ConnectionID) -> Int { table.credit(of: id) }
    func data(for id: ConnectionID, count: Int) -> PacketHeader? { table.data(for: id, count: count) }
    func nextControl() -> PacketHeader? { table.nextControl() }
    var count: Int { table.count }
    var resetsAreFull: Bool { table.resetsAreFull }
    var hasControl: Bool { table.hasControl }

    /// The guest sends a packet from its port `guest` to the host's port `host`.
    func guest(
        _ operation: PacketHeader.Operation, _ guest: UInt32, _ host: UInt32, _ payload: [UInt8] = [],
        flags: ShutdownFlags = [], buffer: UInt32 = 4096, forwarded: UInt32 = 0
    ) {
        var header = PacketHeader(
            sourceCID: Self.cid, destinationCID: 2, sourcePort: guest, destinationPort: host, operation: operation,
            flags: flags.rawValue, bufferBytes: buffer, forwardedBytes: forwarded)
        header.length = UInt32(payload.count)
        table.receive(header, payload.span)
    }

    /// All control packets that wait for the guest.
    func controls() -> [PacketHeader] {
        var headers: [PacketHeader] = []
        while let header = table.nextControl() { headers.append(header) }
        return headers
    }

    /// Their operations.
    func operations() -> [PacketHeader.Operation] { controls().map { .init(rawValue: $0.operation) ?? .data } }

    func actions() -> [HostAction] { table.takeActions() }

    /// Takes up to `count` of the bytes that wait for the host.
    func deliver(_ id: ConnectionID, _ count: Int = .max) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var taken = 0
            let more = table.deliver(id) { span in
                taken = min(span.count, count - bytes.count)
                for index in 0..<taken { bytes.append(span[index]) }
                return taken
            }
            if !more || taken == 0 { break }
        }
        return bytes
    }

    /// An open connection that the host began: host port 1000 to guest port 700, if it is the first.
    func opened(guestPort: UInt32 = 700, buffer: UInt32 = 4096) -> ConnectionID? {
        guard let id = table.connect(to: guestPort), let request = controls().last else { return nil }
        guest(.response, guestPort, request.sourcePort, buffer: buffer)
        _ = actions()
        return id
    }
}
