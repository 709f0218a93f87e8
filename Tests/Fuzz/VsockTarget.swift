// Built in one module with the sources of VsockModel.

/// A guest that writes what it wants into its rings and packets, at a device with connections of its own.
///
/// Byte 0: bit 0 the event index, bit 1 indirect descriptors. Then operations: a byte modulo 8, followed by its
/// arguments. RAM is 64 KiB at address 0, with both rings of 8 descriptors in its first page.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzVsock(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 4096)
    defer { bytes.deallocate() }
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    var run = VsockRun(RegionMemory([.init(guestAddress: 0, bytes: bytes)]), options: input.byte())
    while !input.isEmpty { run.step(&input) }
    run.finish()
    return 0
}

private struct VsockRun: ~Copyable {
    private static let cid: UInt64 = 3
    private static let limit = 4

    private let memory: RegionMemory
    private let options: UInt8
    private var table: ConnectionTable
    private var queues: [SplitQueue?] = [nil, nil]
    private var offered: [UInt16] = [0, 0]
    private var known: [ConnectionID] = []
    private var chain = DescriptorChain()
    private var buffer = [UInt8](repeating: 0, count: 4096)

    init(_ memory: RegionMemory, options: UInt8) {
        self.memory = memory
        self.options = options
        var limits = ConnectionTable.Limits()
        limits.connections = Self.limit
        limits.bufferBytes = 256
        limits.resets = 4
        limits.hostPorts = 1...8
        table = ConnectionTable(guestCID: Self.cid, limits: limits)
    }

    mutating func step(_ input: inout FuzzInput) {
        switch input.byte() % 8 {
        case 0: poke(&input)
        case 1: describe(&input)
        case 2: offer(Int(input.byte() % 2), UInt16(input.byte()))
        case 3: packet(&input)
        case 4: takePackets()
        case 5: givePackets(Int(input.byte()))
        default: event(&input)
        }
        for action in table.takeActions() { if case .dial(let id, _) = action { known.append(id) } }
        if known.count > 16 { known.removeFirst(8) }
        require(table.count <= Self.limit, "connections are bounded")
    }

    /// The guest's last word is that it wants nothing: whatever waits can be fetched in a bounded number of packets.
    mutating func finish() {
        for _ in 0..<1000 where table.nextControl() != nil {}
        require(!table.hasControl, "packets without data come to an end")
        table.removeAll()
        require(table.count == 0 && !table.hasControl, "nothing is left of a guest that starts anew")
    }

    private func layout(_ ring: Int) -> QueueLayout? {
        let base = UInt64(ring) * 512
        return QueueLayout(size: 8, descriptors: base, available: base + 128, used: base + 256)
    }

    private func poke(_ input: inout FuzzInput) {
        let address = input.number()
        let bytes = input.bytes()
        _ = memory.copy(bytes.span, to: address)
    }

    /// Address, length, flags and successor of a descriptor, in a table of a ring or at 8 KiB.
    private func describe(_ input: inout FuzzInput) {
        let table: UInt64 = [0, 512, 8192][Int(input.byte() % 3)]
        let place = table + 16 * UInt64(input.byte() % 16)
        let address = input.number()
        let rest = input.number() & 0xFFFF_FFFF | UInt64(input.byte()) << 32 | UInt64(input.byte()) << 48
        _ = memory.store64(address, at: place) && memory.store64(rest, at: place + 8)
    }

    private mutating func offer(_ ring: Int, _ head: UInt16) {
        guard let layout = layout(ring) else { return }
        _ = memory.store16(head, at: layout.available + 4 + 2 * UInt64(offered[ring] % 8))
        offered[ring] &+= 1
        _ = memory.store16(offered[ring], at: layout.available + 2)
    }

    /// A packet that is well made, but for what the input says, in a descriptor of its own.
    private mutating func packet(_ input: inout FuzzInput) {
        var header = PacketHeader(
            sourceCID: Self.cid, destinationCID: 2, sourcePort: UInt32(input.byte() % 4),
            destinationPort: UInt32(input.byte() % 12), operation: .data, flags: UInt32(input.byte()),
            bufferBytes: UInt32(truncatingIfNeeded: input.number()),
            forwardedBytes: UInt32(truncatingIfNeeded: input.number()))
        header.operation = UInt16(input.byte() % 9)
        header.length = UInt32(input.byte())
        let index = UInt64(offered[1] % 8)
        let place = 16_384 + 512 * index
        _ = memory.copy(header.encoded.span, to: place)
        _ = memory.store64(place, at: 512 + 16 * index)
        _ = memory.store64(44 + UInt64(header.length), at: 512 + 16 * index + 8)
        offer(1, UInt16(index))
    }

    private mutating func withRing(_ ring: Int, _ body: (inout SplitQueue, inout VsockRun) throws -> Void) {
        guard let layout = layout(ring) else { return }
        do {
            var queue =
                try queues[ring]
                ?? SplitQueue(
                    layout, base: 0, eventIndex: options & 1 != 0, indirect: options & 2 != 0, in: memory)
            queues[ring] = nil
            try body(&queue, &self)
            _ = try queue.mustNotify(in: memory)
            _ = try queue.askForKick(in: memory)
            queues[ring] = queue
        } catch {
            // The driver sets the ring up anew, and all connections end with the old one.
            for part in layout.parts {
                _ = memory.copy([UInt8](repeating: 0, count: Int(part.bytes)).span, to: part.start)
            }
            offered[ring] = 0
            table.removeAll()
        }
    }

    private mutating func takePackets() {
        withRing(1) { queue, run in
            while !run.table.resetsAreFull, try queue.take(into: &run.chain, from: run.memory) {
                if run.chain.read(at: 0, byteCount: 44, into: &run.buffer, from: run.memory),
                    let header = PacketHeader(run.buffer.span), header.length <= 1024,
                    run.chain.read(at: 44, byteCount: Int(header.length), into: &run.buffer, from: run.memory)
                {
                    let payload = Array(run.buffer[..<Int(header.length)])
                    run.table.receive(header, payload.span)
                }
                try queue.complete(run.chain.head, written: 0, in: run.memory)
            }
        }
    }

    private mutating func givePackets(_ wish: Int) {
        withRing(0) { queue, run in
            while try queue.take(into: &run.chain, from: run.memory) {
                guard let header = run.table.nextControl() ?? run.data(wish) else { return queue.putBack() }
                let written = run.chain.write(header.encoded.span, at: 0, to: run.memory)
                try queue.complete(run.chain.head, written: written ? 44 : 0, in: run.memory)
            }
        }
    }

    private mutating func data(_ wish: Int) -> PacketHeader? {
        guard let id = known.last else { return nil }
        let credit = table.credit(of: id)
        guard credit > 0 else {
            table.starve(id)
            return nil
        }
        require(table.data(for: id, count: credit + 1) == nil, "more than the credit is never sent")
        let count = min(credit, 1 + wish)
        let header = table.data(for: id, count: count)
        require(header?.length == UInt32(count), "credit that is told can be used")
        require(table.credit(of: id) == credit - count, "what is sent is charged")
        return header
    }

    private mutating func event(_ input: inout FuzzInput) {
        let choice = input.byte() % 9
        if choice == 0 {
            if let id = table.connect(to: UInt32(input.byte() % 4)) { known.append(id) }
            return
        }
        guard !known.isEmpty else { return }
        let id = known[Int(input.byte()) % known.count]
        switch choice {
        case 1: table.accept(id)
        case 2: table.abort(id)
        case 3: table.hostEndedSending(id)
        case 4: table.hostEndedReceiving(id)
        case 5: table.hostLeft(id)
        case 6:
            let count = Int(input.byte())
            _ = table.deliver(id) { min($0.count, count) }
        case 7: table.starve(id)
        default: _ = table.nextControl()
        }
    }
}
