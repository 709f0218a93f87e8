import Testing
import VsockModel

@Suite("Packets of a hostile guest")
struct HostilePacketTests {
    @Test("packets of no connection are refused, resets and forged addresses get no answer")
    func strangers() {
        let fixture = TableFixture()
        for operation in PacketHeader.Operation.allCases where operation != .request { fixture.guest(operation, 9, 9) }
        #expect(fixture.operations() == Array(repeating: .reset, count: 5))
        for (source, destination): (UInt64, UInt64) in [(43, 2), (TableFixture.cid, 1), (2, TableFixture.cid)] {
            let header = PacketHeader(
                sourceCID: source, destinationCID: destination, sourcePort: 1, destinationPort: 1, operation: .request)
            fixture.table.receive(header, [UInt8]().span)
        }
        #expect(fixture.actions().isEmpty && !fixture.hasControl)
    }

    @Test("kinds of sockets and operations that are not known are refused")
    func unknown() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened())
        var header = PacketHeader(
            sourceCID: TableFixture.cid, destinationCID: 2, sourcePort: 700, destinationPort: 1000, operation: .request)
        header.type = 2
        header.sourcePort = 701
        fixture.table.receive(header, [UInt8]().span)
        #expect(fixture.operations() == [.reset] && fixture.actions().isEmpty)
        header.type = 1
        header.operation = 77
        header.sourcePort = 700
        fixture.table.receive(header, [UInt8]().span)
        #expect(fixture.operations() == [.reset])
        #expect(fixture.actions() == [.close(id)])
    }

    @Test("answers that nobody asked for and second requests end the connection")
    func outOfTurn() throws {
        for operation in [PacketHeader.Operation.response, .request] {
            let fixture = TableFixture()
            let id = try #require(fixture.opened())
            fixture.guest(operation, 700, 1000)
            #expect(fixture.operations() == [.reset])
            #expect(fixture.actions() == [.close(id)])
        }
        for operation in [PacketHeader.Operation.data, .shutdown] {
            let fixture = TableFixture()
            let id = try #require(fixture.connect(to: 700))
            _ = fixture.controls()
            fixture.guest(operation, 700, 1000, operation == .data ? [1] : [])
            #expect(fixture.operations() == [.reset])
            #expect(fixture.actions() == [.close(id)])
        }
        let fixture = TableFixture()
        let id = try #require(fixture.connect(to: 700))
        // The request has not gone out.
        fixture.guest(.response, 700, 1000)
        #expect(fixture.operations() == [.reset])
        #expect(fixture.actions() == [.close(id)])
    }

    @Test("more bytes than there is room for end the connection")
    func overflow() throws {
        let fixture = TableFixture(bufferBytes: 100)
        let id = try #require(fixture.opened())
        fixture.guest(.data, 700, 1000, [UInt8](repeating: 0, count: 100))
        #expect(fixture.actions() == [.deliver(id)])
        fixture.guest(.data, 700, 1000, [0])
        #expect(fixture.operations() == [.reset])
        #expect(fixture.actions() == [.close(id)])
    }

    @Test("a flood of questions gets one answer at a time")
    func flood() throws {
        let fixture = TableFixture()
        _ = try #require(fixture.opened())
        for _ in 0..<1000 { fixture.guest(.creditRequest, 700, 1000) }
        #expect(fixture.operations() == [.creditUpdate])
        for port in 0..<16 { fixture.guest(.data, UInt32(port), 5) }
        #expect(fixture.resetsAreFull)
        _ = fixture.nextControl()
        #expect(!fixture.resetsAreFull)
    }

    @Test("connections are bounded; those that the guest only has to confirm make room")
    func bounded() throws {
        let fixture = TableFixture(connections: 4)
        var ids: [ConnectionID] = []
        for _ in 0..<4 { ids.append(try #require(fixture.opened())) }
        #expect(fixture.connect(to: 700) == nil)
        fixture.guest(.request, 1, 1)
        #expect(fixture.operations() == [.reset] && fixture.actions().isEmpty)
        fixture.table.hostLeft(ids[2])
        fixture.table.hostLeft(ids[1])
        #expect(fixture.operations() == [.shutdown, .shutdown])
        fixture.guest(.request, 1, 1)
        #expect(fixture.operations() == [.reset])
        #expect(fixture.count == 4)
        #expect(fixture.connect(to: 700) != nil)
        #expect(fixture.connect(to: 700) == nil)
    }

    @Test("ports of the host are given out in turn, and not while in use")
    func ports() throws {
        let fixture = TableFixture(hostPorts: 10...12)
        for _ in 0..<3 { _ = fixture.connect(to: 700) }
        #expect(fixture.controls().map(\.sourcePort) == [10, 11, 12])
        #expect(fixture.connect(to: 700) == nil)
        #expect(fixture.connect(to: 701) != nil)
        fixture.guest(.reset, 700, 11)
        #expect(fixture.connect(to: 700) != nil)
        #expect(fixture.controls().map(\.sourcePort).last == 11)
    }

    @Test("credit that makes no sense stalls nothing but the guest's own connection")
    func nonsense() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened(buffer: 100))
        _ = fixture.data(for: id, count: 100)
        #expect(fixture.credit(of: id) == 0)
        fixture.table.starve(id)
        fixture.table.starve(id)
        #expect(fixture.operations() == [.creditRequest])
        // Taken more than was sent, and a smaller buffer than is in use.
        fixture.guest(.creditUpdate, 700, 1000, buffer: 100, forwarded: 101)
        fixture.guest(.creditUpdate, 700, 1000, buffer: 10, forwarded: 0)
        #expect(fixture.credit(of: id) == 0 && fixture.actions().isEmpty)
        fixture.guest(.creditUpdate, 700, 1000, buffer: .max, forwarded: 100)
        #expect(fixture.credit(of: id) == Int(UInt32.max))
        #expect(fixture.actions() == [.resume(id)])
    }

    @Test("random packets and events never trap, and everything stays bounded", arguments: 0..<20)
    func random(seed: UInt64) {
        var dice = Dice(seed: seed)
        let fixture = TableFixture(bufferBytes: 64, connections: 6, resets: 8, hostPorts: 1...4)
        var known: [ConnectionID] = []
        for _ in 0..<4000 {
            switch dice.roll(0..<8) {
            case 0..<4 where !fixture.resetsAreFull:
                let payload = dice.bytes(dice.roll(0..<40))
                var header = PacketHeader(
                    sourceCID: TableFixture.cid, destinationCID: 2, sourcePort: UInt32(dice.roll(1..<4)),
                    destinationPort: UInt32(dice.roll(1..<5)), operation: .data, flags: UInt32(dice.roll(0..<5)),
                    bufferBytes: dice.one(of: [0, 1, 100, .max]),
                    forwardedBytes: UInt32(truncatingIfNeeded: dice.next() >> UInt64(dice.roll(32..<64))))
                header.operation = UInt16(dice.roll(0..<9))
                header.type = dice.roll(0..<20) == 0 ? 2 : 1
                header.length = UInt32(payload.count)
                fixture.table.receive(header, payload.span)
            case 4:
                if let id = fixture.connect(to: UInt32(dice.roll(1..<4))) { known.append(id) }
            case 5: _ = fixture.nextControl()
            default: if let id = known.randomElement(using: &dice) { happen(id, fixture, &dice) }
            }
            for action in fixture.actions() { if case .dial(let id, _) = action { known.append(id) } }
            if known.count > 50 { known.removeFirst(25) }
            guard fixture.count <= 6 else {
                Issue.record("\(fixture.count) connections")
                return
            }
        }
        #expect(fixture.controls().count < 200)
    }

    private func happen(_ id: ConnectionID, _ fixture: TableFixture, _ dice: inout Dice) {
        switch dice.roll(0..<8) {
        case 0: fixture.table.accept(id)
        case 1: fixture.table.abort(id)
        case 2: fixture.table.hostEndedSending(id)
        case 3: fixture.table.hostEndedReceiving(id)
        case 4: fixture.table.hostLeft(id)
        case 5: _ = fixture.deliver(id, dice.roll(1..<40))
        case 6: _ = fixture.data(for: id, count: dice.roll(0..<100))
        default: fixture.table.starve(id)
        }
    }
}
