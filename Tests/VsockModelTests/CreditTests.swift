import Testing

@testable import VsockModel

@Suite("Credit")
struct CreditTests {
    /// The guest's end of one connection, which keeps to its side of the bargain as Linux does.
    private struct Guest {
        var bufferBytes: UInt32
        var received: [UInt8] = []
        var waiting = 0
        var forwarded: UInt32 = 0
        var told: UInt32 = 0
        var sent: UInt32 = 0
        var peerBuffer: UInt32 = 0
        var peerForwarded: UInt32 = 0

        var credit: Int { max(0, Int(peerBuffer) - Int(sent &- peerForwarded)) }

        mutating func learn(_ header: PacketHeader) {
            peerBuffer = header.bufferBytes
            peerForwarded = header.forwardedBytes
        }
    }

    @Test("nobody ever sends more than the other has room for, and everything arrives in order", arguments: 0..<30)
    func both(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let buffer = dice.one(of: [1, 5, 100, 4096])
        let fixture = TableFixture(bufferBytes: buffer)
        var guest = Guest(bufferBytes: UInt32(dice.one(of: [1, 9, 300, 5000])))
        let id = try #require(fixture.opened(buffer: guest.bufferBytes))
        guest.peerBuffer = UInt32(buffer)
        let toGuest = dice.bytes(3000)
        let toHost = dice.bytes(3000)
        var given = 0
        var hostReceived: [UInt8] = []
        var taken = 0

        func tell(_ operation: PacketHeader.Operation, _ payload: [UInt8] = []) {
            guest.told = guest.forwarded
            fixture.guest(operation, 700, 1000, payload, buffer: guest.bufferBytes, forwarded: guest.forwarded)
        }
        func step(_ choice: Int, _ amount: Int) {
            switch choice {
            case 0:
                let count = min(amount, toGuest.count - given, fixture.credit(of: id))
                guard count > 0 else { return fixture.table.starve(id) }
                guard let header = fixture.data(for: id, count: count) else { return }
                guest.learn(header)
                guest.received += toGuest[given..<given + count]
                guest.waiting += count
                given += count
                #expect(guest.waiting <= Int(guest.bufferBytes))
            case 1:
                let count = min(amount, guest.waiting)
                guest.waiting -= count
                guest.forwarded &+= UInt32(count)
                // Linux tells of it when little room is known to be left.
                if guest.bufferBytes - (guest.forwarded &- guest.told) <= guest.bufferBytes / 4 { tell(.creditUpdate) }
            case 2:
                let count = min(amount, toHost.count - taken, guest.credit)
                guard count > 0 else { return }
                guest.sent &+= UInt32(count)
                tell(.data, Array(toHost[taken..<taken + count]))
                taken += count
            case 3: hostReceived += fixture.deliver(id, amount)
            default:
                guard let header = fixture.nextControl() else { return }
                #expect(header.operation != PacketHeader.Operation.reset.rawValue)
                guest.learn(header)
                if header.operation == PacketHeader.Operation.creditRequest.rawValue { tell(.creditUpdate) }
            }
        }
        for _ in 0..<3000 { step(dice.roll(0..<5), dice.roll(1..<dice.one(of: [2, 50, 2000]))) }
        // With everybody at work the rest comes through: nobody waits for what the other will not send.
        for _ in 0..<20_000 where given < toGuest.count || hostReceived.count < toHost.count {
            for choice in 0..<5 { step(choice, 1000) }
        }
        step(1, 10_000)
        // Not in the expectations themselves, which would print all of it.
        let same = (guest.received == toGuest, hostReceived == toHost)
        #expect(same.0 && same.1, "\(guest.received.count) and \(hostReceived.count) bytes arrived")
    }

    @Test("counters go on beyond 4 GiB")
    func wrap() throws {
        let fixture = TableFixture(bufferBytes: 100)
        let room: UInt32 = 1 << 30
        let id = try #require(fixture.opened(buffer: room))
        var forwarded: UInt32 = 0
        for _ in 0..<9 {
            #expect(fixture.credit(of: id) == Int(room))
            #expect(fixture.data(for: id, count: Int(room)) != nil)
            #expect(fixture.credit(of: id) == 0)
            forwarded &+= room
            fixture.guest(.creditUpdate, 700, 1000, buffer: room, forwarded: forwarded)
        }
        let connection = try #require(fixture.table.connections[id])
        connection.forwardedBytes = .max - 10
        connection.toldForwardedBytes = .max - 10
        for round in 0..<3 {
            fixture.guest(.data, 700, 1000, [UInt8](repeating: 7, count: 20))
            #expect(fixture.deliver(id).count == 20)
            // Only at a quarter of the buffer is there an update.
            let updates = fixture.controls().map(\.forwardedBytes)
            #expect(updates == (round == 1 ? [29] : []))
        }
    }
}
