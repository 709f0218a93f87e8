import Glibc
import Linux
import SystemPackage
import Wire

/// What the agent orders.
extension HolderLoop {
    enum Verdict {
        case goOn, exit
    }

    func obey(_ request: HolderRequest) -> Verdict {
        switch request {
        case .releaseAllHeld: releaseAllHeld()
        case .release(let chunk, let afterUnpin): release(chunk, afterUnpin: afterUnpin)
        case .unpin(let chunk, let slot): unpin(chunk, slot: slot)
        case .abort(let chunk): abort(chunk)
        case .build(let chunk, let bytes, let slot, let nonce, let wholePages):
            build(chunk, bytes: bytes, slot: slot, nonce: nonce, wholePages: wholePages)
        case .reoffer(let chunk, let slot, let nonce, let onlyMoved, let wholePages):
            reoffer(chunk, slot: slot, nonce: nonce, onlyMoved: onlyMoved, wholePages: wholePages)
        case .inventory(let chunk): inventory(chunk)
        case .list: list()
        case .setScore(let score):
            do {
                try ProcessSettings.setOOMScoreAdjustment(score)
            } catch {
                fail(0, slot: 0, error.errno ?? .ioError, .score)
            }
        case .exit:
            guard !table.hasInFlight else {
                fail(0, slot: 0, .resourceBusy, .order)
                break
            }
            removeSocket()
            return .exit
        }
        return .goOn
    }

    private func build(_ id: UInt64, bytes: UInt64, slot: Int, nonce: Nonce, wholePages: Bool) {
        guard bytes > 0, bytes <= UInt64(ChunkBuilder.maximumBytes), bytes % UInt64(Memory.hugePageBytes) == 0, id != 0,
            slot < builder.slots, table.index(of: id) == nil, queue.count < Self.maximumQueue
        else { return fail(id, slot: slot, .invalidArgument, .order) }
        guard !isStopping else { return fail(id, slot: slot, .canceled, .order) }
        guard !table.usesSlot(Int32(slot)) else { return fail(id, slot: slot, .resourceBusy, .order) }
        let chunk = HolderChunk(id: id, bytes: Int(bytes), slot: Int32(slot), state: .building)
        guard let index = table.add(chunk) else { return fail(id, slot: slot, .noMemory, .order) }
        queue.append(
            ChunkBuilder.Job(index: index, nonce: nonce, again: false, onlyMoved: false, wholePages: wholePages))
    }

    private func reoffer(_ id: UInt64, slot: Int, nonce: Nonce, onlyMoved: Bool, wholePages: Bool) {
        guard let index = table.index(of: id) else { return fail(id, slot: slot, .noSuchFileOrDirectory, .order) }
        guard slot < builder.slots, queue.count < Self.maximumQueue else {
            return fail(id, slot: slot, .invalidArgument, .order)
        }
        guard !isStopping, table[index].state == .held, !table.usesSlot(Int32(slot)) else {
            return fail(id, slot: slot, .resourceBusy, .order)
        }
        table[index].state = .repinning
        table[index].slot = Int32(slot)
        queue.append(
            ChunkBuilder.Job(index: index, nonce: nonce, again: true, onlyMoved: onlyMoved, wholePages: wholePages))
    }

    private func unpin(_ id: UInt64, slot: Int) {
        guard let index = table.index(of: id), table[index].state == .pinned, Int(table[index].slot) == slot else {
            return fail(id, slot: slot, .invalidArgument, .unpin)
        }
        FailPoint.hit("holder.unpinning")
        do {
            try builder.unpin(slot: slot)
        } catch {
            return fail(id, slot: slot, error.errno ?? .ioError, .unpin)
        }
        table[index].state = .held
        var header = HolderCoding.Header(.unpinned)
        header.chunk = id
        header.slot = UInt32(clamping: slot)
        outbox.append(header)
    }

    private func release(_ id: UInt64, afterUnpin: Bool) {
        guard let index = table.index(of: id) else { return fail(id, slot: 0, .noSuchFileOrDirectory, .release) }
        let chunk = table[index]
        if chunk.state == .pinned, afterUnpin {
            guard (try? builder.unpin(slot: Int(chunk.slot))) != nil else {
                return fail(id, slot: Int(chunk.slot), .ioError, .unpin)
            }
            table[index].state = .held
        }
        guard table[index].state == .held else {
            // A host may still discard it: letting go now could corrupt whoever gets the memory next.
            return fail(id, slot: Int(chunk.slot), .resourceBusy, .release)
        }
        do {
            try table.release(index)
        } catch {
            return fail(id, slot: Int(chunk.slot), error.errno ?? .ioError, .release)
        }
        FailPoint.hit("holder.released")
        var header = HolderCoding.Header(.released)
        header.chunk = id
        header.bytes = UInt64(chunk.bytes)
        outbox.append(header)
    }

    /// Releases a page of its own as an order would, so that this way is in memory when the guest has none left to read
    /// the program with. Nobody is told: the agent comes afterwards.
    func rehearse() {
        guard let memory = try? unsafe Memory.mapAnonymous(bytes: 4096, alignment: 4096),
            let record = try? unsafe Memory.mapAnonymous(bytes: 4096, alignment: 4096)
        else { return }
        var chunk = HolderChunk(id: .max, bytes: memory.count, state: .held)
        unsafe chunk.address = UInt(bitPattern: memory.baseAddress)
        unsafe chunk.framesAddress = UInt(bitPattern: record.baseAddress)
        unsafe chunk.framesBytes = record.count
        guard table.add(chunk) != nil else { return }
        releaseAllHeld(rehearsing: true)
    }

    /// The guest needs memory now. Allocates nothing.
    private func releaseAllHeld(rehearsing: Bool = false) {
        var bytes: UInt64 = 0
        for index in 0..<table.end where table[index].state == .held {
            let size = UInt64(table[index].bytes)
            if (try? table.release(index)) != nil { bytes += size }
        }
        if !rehearsing { FailPoint.hit("holder.released") }
        var header = HolderCoding.Header(.releasedAll)
        header.bytes = bytes
        outbox.append(header)
        // What is half built would only take memory that the guest needs.
        if let job = builder.job, !reportWaits, !job.again { abortCurrent() }
        dropQueue { !$0.again }
    }

    private func abort(_ id: UInt64) {
        if let job = builder.job, table[job.index].id == id {
            // Finished ones are reported in any case: the agent then takes the pin away in the ordinary way.
            if !reportWaits { abortCurrent() }
        } else {
            dropQueue { [table] in table[$0.index].id == id }
        }
    }

    private func inventory(_ id: UInt64) {
        guard let index = table.index(of: id), table[index].state == .held else {
            return fail(id, slot: 0, .noSuchFileOrDirectory, .inventory)
        }
        // The builder's run list may hold a report that still waits for room.
        guard !reportWaits else { return fail(id, slot: 0, .resourceTemporarilyUnavailable, .inventory) }
        do {
            try builder.takeInventory(table[index])
        } catch {
            return fail(id, slot: 0, error.errno ?? .resourceTemporarilyUnavailable, .inventory)
        }
        var header = HolderCoding.Header(.inventoried)
        header.chunk = id
        sendRuns(header)
    }
}
