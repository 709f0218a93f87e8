import Glibc
import Linux
import SystemPackage
import VsockModel

/// The vsock of one guest: the VMM on one side, programs of the host on the other. One thread, which never waits for
/// anybody but in `epoll`.
final class VsockDevice {
    /// What epoll's tokens below `firstStream` mean.
    enum Token {
        static let vmmListener: UInt64 = 0
        static let hostListener: UInt64 = 1
        static let vmm: UInt64 = 2
        static let firstKick: UInt64 = 4
        static let firstStream: UInt64 = 16
    }

    /// The guest receives from ring 0 and sends through ring 1; ring 2, for events, stays with QEMU.
    static let receiving = 0
    static let sending = 1
    /// Bytes of data in a packet at most, as the guest's kernel sends them.
    static let longestPacket = 64 << 10
    /// Packets in one direction before the other gets its turn.
    static let packetsInTurn = 128

    let options: DeviceOptions
    let epoll: Epoll
    let vmmListener: OwnedDescriptor
    let hostListener: OwnedDescriptor
    var vmm: VMMChannel?
    var features: UInt64 = 0
    var tables: UInt64 = 0
    var mapped: MappedTable?
    var rings: [Ring] = []
    var table: ConnectionTable
    var streams: [UInt64: HostStream] = [:]
    var streamOf: [ConnectionID: HostStream] = [:]
    /// Streams with bytes for the guest, in the order in which they get their turn.
    var readable = Fifo<HostStream>()
    var isAccepting = false
    var nextToken = Token.firstStream
    var chain = DescriptorChain()
    var buffer = [UInt8](repeating: 0, count: PacketHeader.byteCount + VsockDevice.longestPacket)

    init(_ options: DeviceOptions) throws(LinuxError) {
        self.options = options
        epoll = try Epoll(capacity: 256)
        vmmListener = try UnixSocket.listen(at: FilePath(options.vhostUser))
        hostListener = try UnixSocket.listen(at: FilePath(options.socket), backlog: 1024)
        var limits = ConnectionTable.Limits()
        limits.bufferBytes = options.bufferBytes
        limits.connections = options.connections
        limits.hostPorts = options.hostPorts
        table = ConnectionTable(guestCID: options.guestCID, limits: limits)
        try epoll.add(vmmListener.descriptor, for: .readable, token: Token.vmmListener)
    }

    /// Serves one VMM after the other, for ever.
    func run() throws(LinuxError) -> Never {
        forgetVMM()
        var isBusy = false
        while true {
            // Accepting stops while there are as many streams as there may be.
            try acceptIfRoom()
            let count = try epoll.wait(milliseconds: isBusy ? 0 : nil)
            for index in 0..<count { handle(epoll[index]) }
            isBusy = pump()
        }
    }

    /// Whether both rings run, so that the guest's driver is there.
    var guestIsThere: Bool { rings.allSatisfy { $0.queue != nil } }

    private func handle(_ event: Epoll.Event) {
        switch event.token {
        case Token.vmmListener: acceptVMM()
        case Token.hostListener: acceptHosts()
        case Token.vmm: readVMM()
        case Token.firstKick..<Token.firstStream:
            if let ring = rings.first(where: { Token.firstKick + UInt64($0.index) == event.token }) {
                ring.drainKicks()
            }
        default:
            if let stream = streams[event.token] { handle(event.readiness, of: stream) }
        }
    }

    /// Moves packets both ways; whether more may be moved at once.
    private func pump() -> Bool {
        guard let mapped else { return false }
        for ring in rings where ring.isWaiting { start(ring, mapped) }
        guard guestIsThere else { return false }
        let memory = mapped.memory
        var isBusy = attempt(rings[Self.sending]) { ring throws(QueueError) in try takePackets(ring, memory) }
        let wasFull = table.resetsAreFull
        if attempt(rings[Self.receiving], { ring throws(QueueError) in try givePackets(ring, memory) }) {
            isBusy = true
        }
        return isBusy || wasFull && !table.resetsAreFull
    }

    private func attempt(_ ring: Ring, _ body: (Ring) throws(QueueError) -> Bool) -> Bool {
        guard ring.queue != nil else { return false }
        do {
            return try body(ring)
        } catch {
            say("ring \(ring.index) is broken: \(error)")
            ring.fail()
            dropConnections()
            return false
        }
    }

    func dropConnections() {
        table.removeAll()
        perform()
    }
}
