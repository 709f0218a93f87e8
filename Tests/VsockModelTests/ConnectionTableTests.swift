import Testing
import VsockModel

@Suite("Connections")
struct ConnectionTableTests {
    @Test("the host connects: a request, the guest's answer, and bytes both ways")
    func fromHost() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.connect(to: 700))
        #expect(fixture.credit(of: id) == 0)
        let request = try #require(fixture.controls().first)
        #expect(
            request
                == PacketHeader(
                    sourceCID: 2, destinationCID: TableFixture.cid, sourcePort: 1000, destinationPort: 700,
                    operation: .request, bufferBytes: 1024))
        fixture.guest(.response, 700, 1000, buffer: 10)
        #expect(fixture.actions() == [.established(id, hostPort: 1000)])
        #expect(fixture.credit(of: id) == 10)
        let data = try #require(fixture.data(for: id, count: 4))
        #expect(data.operation == PacketHeader.Operation.data.rawValue && data.length == 4)
        #expect(fixture.credit(of: id) == 6)
        #expect(fixture.data(for: id, count: 7) == nil)
        #expect(fixture.data(for: id, count: 0) == nil)
        fixture.guest(.data, 700, 1000, [1, 2, 3], buffer: 10, forwarded: 4)
        #expect(fixture.actions() == [.deliver(id)])
        #expect(fixture.credit(of: id) == 10)
        #expect(fixture.deliver(id) == [1, 2, 3])
    }

    @Test("a guest without a listener refuses")
    func refused() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.connect(to: 700))
        _ = fixture.controls()
        fixture.guest(.reset, 700, 1000)
        #expect(fixture.actions() == [.close(id)])
        #expect(fixture.count == 0 && fixture.controls().isEmpty)
    }

    @Test("the guest connects to somebody, and to nobody")
    func fromGuest() throws {
        let fixture = TableFixture()
        fixture.guest(.request, 5000, 80)
        guard case .dial(let id, port: 80) = fixture.actions().first else { throw QueueError(.order, 0) }
        // Until the host has answered nothing flows.
        #expect(fixture.credit(of: id) == 0)
        fixture.table.accept(id)
        #expect(fixture.credit(of: id) == 0)
        let answer = try #require(fixture.controls().first)
        #expect(answer.operation == PacketHeader.Operation.response.rawValue)
        #expect(answer.sourcePort == 80 && answer.destinationPort == 5000)
        #expect(fixture.credit(of: id) == 4096)

        fixture.guest(.request, 5001, 80)
        guard case .dial(let other, port: 80) = fixture.actions().first else { throw QueueError(.order, 1) }
        fixture.table.abort(other)
        #expect(fixture.operations() == [.reset])
        #expect(fixture.actions() == [.close(other)])
        #expect(fixture.count == 1)
    }

    @Test("bytes that come before the agreement went out need no update to flow")
    func early() throws {
        let fixture = TableFixture()
        fixture.guest(.request, 5000, 80)
        guard case .dial(let id, port: 80) = fixture.actions().first else { throw QueueError(.order, 0) }
        fixture.table.accept(id)
        fixture.table.starve(id)
        #expect(fixture.operations().first == .response)
        #expect(fixture.actions() == [.resume(id)])
    }

    @Test("the guest ends its half: the host gets the rest, then the end, and may still send")
    func guestHalf() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened())
        fixture.guest(.data, 700, 1000, [1, 2, 3])
        fixture.guest(.shutdown, 700, 1000, flags: .sending)
        #expect(fixture.actions() == [.deliver(id)])
        #expect(fixture.deliver(id, 2) == [1, 2])
        #expect(fixture.actions().isEmpty)
        #expect(fixture.deliver(id) == [3])
        #expect(fixture.actions() == [.endWriting(id)])
        #expect(fixture.credit(of: id) == 4096)
        // More after its own end breaks the rules.
        fixture.guest(.data, 700, 1000, [4])
        #expect(fixture.operations() == [.reset])
        #expect(fixture.actions() == [.close(id)])
    }

    @Test("the guest takes no more: nothing is sent, but still received")
    func guestTakesNoMore() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened())
        fixture.guest(.shutdown, 700, 1000, flags: .receiving)
        fixture.guest(.shutdown, 700, 1000, flags: .receiving)
        #expect(fixture.actions() == [.endReading(id)])
        #expect(fixture.credit(of: id) == 0)
        fixture.guest(.data, 700, 1000, [1])
        #expect(fixture.deliver(id) == [1])
    }

    @Test("the guest closes: it hears of it once the host has everything")
    func guestCloses() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened())
        fixture.guest(.data, 700, 1000, [1, 2])
        fixture.guest(.shutdown, 700, 1000, flags: .both)
        #expect(fixture.operations().isEmpty)
        #expect(fixture.actions() == [.deliver(id), .endReading(id)])
        #expect(fixture.deliver(id) == [1, 2])
        #expect(fixture.operations() == [.reset])
        #expect(fixture.actions() == [.close(id)])
        #expect(fixture.count == 0)
    }

    @Test("a guest that closed and lost patience leaves its last bytes; its port is free again")
    func impatient() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened())
        fixture.guest(.data, 700, 1000, [1, 2])
        fixture.guest(.shutdown, 700, 1000, flags: .both)
        fixture.guest(.reset, 700, 1000)
        #expect(fixture.actions() == [.deliver(id), .endReading(id)])
        fixture.guest(.request, 700, 1000)
        guard case .dial(let fresh, port: 1000) = fixture.actions().first else { throw QueueError(.order, 0) }
        #expect(fixture.deliver(id) == [1, 2])
        #expect(fixture.actions() == [.close(id)])
        fixture.table.accept(fresh)
        #expect(fixture.operations() == [.response])
    }

    @Test("a reset without a farewell ends both sides at once")
    func guestResets() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened())
        fixture.guest(.data, 700, 1000, [1, 2])
        fixture.guest(.reset, 700, 1000)
        #expect(fixture.actions() == [.deliver(id), .close(id)])
        #expect(fixture.operations().isEmpty && fixture.count == 0)
    }

    @Test("the host ends its half, then leaves; the guest confirms")
    func hostLeaves() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened())
        fixture.table.hostEndedSending(id)
        fixture.table.hostEndedSending(id)
        var packets = fixture.controls()
        #expect(packets.map(\.operation) == [PacketHeader.Operation.shutdown.rawValue])
        #expect(packets.map(\.flags) == [ShutdownFlags.sending.rawValue])
        #expect(fixture.credit(of: id) == 0)
        fixture.guest(.data, 700, 1000, [1])
        #expect(fixture.deliver(id) == [1])
        fixture.table.hostLeft(id)
        packets = fixture.controls()
        #expect(packets.map(\.flags) == [ShutdownFlags.both.rawValue])
        #expect(fixture.actions() == [.deliver(id), .close(id)])
        // What was underway is dropped.
        fixture.guest(.data, 700, 1000, [2])
        #expect(fixture.actions().isEmpty && fixture.operations().isEmpty)
        fixture.guest(.reset, 700, 1000)
        #expect(fixture.count == 0 && fixture.operations().isEmpty)
    }

    @Test("the host takes no more: the guest hears of it, what it still sends is dropped, and the host may go on")
    func hostTakesNoMore() throws {
        let fixture = TableFixture()
        let id = try #require(fixture.opened())
        fixture.guest(.data, 700, 1000, [UInt8](repeating: 1, count: 1000))
        fixture.table.hostEndedReceiving(id)
        let packets = fixture.controls()
        #expect(packets.map(\.operation) == [6, 4] && packets.last?.flags == ShutdownFlags.receiving.rawValue)
        #expect(packets.last?.forwardedBytes == 1000)
        fixture.guest(.data, 700, 1000, [UInt8](repeating: 1, count: 1000))
        #expect(fixture.operations() == [.creditUpdate])
        #expect(fixture.credit(of: id) == 4096)
    }

    @Test("the host gives up before the guest has answered")
    func hostGivesUp() throws {
        let fixture = TableFixture()
        let early = try #require(fixture.connect(to: 700))
        fixture.table.hostLeft(early)
        #expect(fixture.operations().isEmpty && fixture.count == 0)
        let late = try #require(fixture.connect(to: 700))
        #expect(fixture.operations() == [.request])
        fixture.table.hostLeft(late)
        #expect(fixture.operations() == [.reset] && fixture.count == 0)
    }

    @Test("all end when the guest starts anew")
    func anew() throws {
        let fixture = TableFixture()
        let first = try #require(fixture.opened())
        let second = try #require(fixture.opened())
        fixture.table.hostEndedSending(first)
        fixture.guest(.data, 1, 1)
        fixture.table.removeAll()
        #expect(fixture.actions() == [.close(first), .close(second)])
        #expect(fixture.count == 0 && !fixture.hasControl && fixture.operations().isEmpty)
    }
}
