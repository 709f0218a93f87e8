import VsockModel

extension VsockDevice {
    /// Makes a ring run, or finds it broken.
    func start(_ ring: Ring, _ mapped: MappedTable) {
        guard let address = ring.address else { return }
        // A driver that starts anew knows none of the old connections.
        if !ring.continues { dropConnections() }
        guard let descriptors = mapped.table.guestAddress(ofUser: address.descriptors),
            let available = mapped.table.guestAddress(ofUser: address.available),
            let used = mapped.table.guestAddress(ofUser: address.used),
            let layout = QueueLayout(
                size: ring.size, descriptors: descriptors, available: available, used: used)
        else {
            say("ring \(ring.index) lies nowhere")
            return ring.fail()
        }
        do {
            ring.queue = try SplitQueue(
                layout, base: ring.base, eventIndex: features & VhostUserFeatures.eventIndex != 0,
                indirect: features & VhostUserFeatures.indirect != 0, in: mapped.memory)
        } catch {
            say("ring \(ring.index) is broken: \(error)")
            ring.fail()
        }
    }

    /// Takes packets of the guest; whether there may be more.
    func takePackets(_ ring: Ring, _ memory: RegionMemory) throws(QueueError) -> Bool {
        var isBusy = true
        for _ in 0..<Self.packetsInTurn {
            // Refusals that the guest does not fetch hold up its own packets only.
            if table.resetsAreFull {
                isBusy = false
                break
            }
            guard try ring.queue?.take(into: &chain, from: memory) == true else {
                isBusy = try ring.queue?.askForKick(in: memory) == true
                if isBusy { continue }
                break
            }
            Self.receive(chain, &buffer, into: &table, memory)
            try ring.queue?.complete(chain.head, written: 0, in: memory)
            perform()
            if ring.queue == nil { return false }
        }
        try ring.notify(memory)
        return isBusy
    }

    /// Reads the packet in `chain`; one that is cut short is dropped.
    private static func receive(
        _ chain: DescriptorChain, _ buffer: inout [UInt8], into table: inout ConnectionTable, _ memory: RegionMemory
    ) {
        let headerBytes = PacketHeader.byteCount
        guard chain.read(at: 0, byteCount: headerBytes, into: &buffer, from: memory),
            let header = PacketHeader(buffer.span)
        else { return }
        let length = Int(header.length)
        guard length <= longestPacket,
            chain.read(at: headerBytes, byteCount: length, into: &buffer, from: memory)
        else { return }
        table.receive(header, buffer.span.extracting(0..<length))
    }

    /// Gives packets to the guest while it has buffers; whether there may be more to give at once.
    func givePackets(_ ring: Ring, _ memory: RegionMemory) throws(QueueError) -> Bool {
        var isBusy = true
        for _ in 0..<Self.packetsInTurn {
            guard table.hasControl || readable.count > 0 else {
                isBusy = false
                break
            }
            guard try ring.queue?.take(into: &chain, from: memory) == true else {
                isBusy = try ring.queue?.askForKick(in: memory) == true
                if isBusy { continue }
                break
            }
            let room = chain.readableBytes == 0 ? chain.writableBytes : 0
            // What is no buffer for a packet goes back empty.
            let written = room < PacketHeader.byteCount ? 0 : nextPacket(room: room)
            guard let written else {
                ring.queue?.putBack()
                continue
            }
            guard chain.write(buffer.span.extracting(0..<written), at: 0, to: memory) else {
                throw QueueError(.bufferOutsideMemory, chain.head)
            }
            try ring.queue?.complete(chain.head, written: UInt32(written), in: memory)
        }
        try ring.notify(memory)
        perform()
        return isBusy
    }

    /// Puts the next packet into `buffer` and returns its size; nil where there is none after all.
    private func nextPacket(room: Int) -> Int? {
        if let header = table.nextControl() {
            put(header)
            perform()
            return PacketHeader.byteCount
        }
        guard let stream = nextReadable(), let id = stream.connection else { return nil }
        let credit = table.credit(of: id)
        guard credit > 0 else {
            table.starve(id)
            return nil
        }
        let count = min(credit, room - PacketHeader.byteCount, Self.longestPacket)
        guard count > 0 else {
            // A buffer for a header only; the next may be larger.
            list(stream)
            return 0
        }
        switch stream.read(into: &buffer, at: PacketHeader.byteCount, count: count) {
        case .moved(let bytes):
            list(stream)
            guard let header = table.data(for: id, count: bytes) else { return nil }
            put(header)
            return PacketHeader.byteCount + bytes
        case .notNow: return nil
        case .ended: hostEnded(stream, id)
        case .failed: table.hostLeft(id)
        }
        perform()
        return nil
    }

    private func put(_ header: PacketHeader) {
        let bytes = header.encoded
        for index in bytes.indices { buffer[index] = bytes[index] }
    }
}
