import Glibc
import Linux
import SystemPackage
import Wire

/// A holder at work: obeys one agent at a time, keeps its memory when the agent dies, and waits for the next one.
@safe
final class HolderLoop {
    private static let agentToken: UInt64 = 1
    private static let listenerToken: UInt64 = 2
    private static let signalToken: UInt64 = 3
    /// Orders to build that wait while another is carried out: more than there are slots is never sent.
    private static let maximumQueue = 16

    private let epoll: Epoll
    private let listener: OwnedDescriptor
    private let signals: SignalFD
    /// SIGTERM came: nothing new is begun, and the process ends as soon as nothing of it is in flight.
    private var isStopping = false
    private var agent: OwnedDescriptor?
    private var watchedFor: Epoll.Readiness = []
    private let outbox: HolderOutbox
    private let table = HolderTable()
    private let builder: ChunkBuilder
    private let inbox: UnsafeMutableRawBufferPointer
    private var queue: [ChunkBuilder.Job] = []
    /// The job is done and waits for room to be reported.
    private var reportWaits = false
    private let socketPath: FilePath

    init(agent: OwnedDescriptor, builder: ChunkBuilder, socketPath: FilePath) throws(LinuxError) {
        epoll = try Epoll(capacity: 8)
        signals = try SignalFD([SIGTERM])
        outbox = try HolderOutbox()
        self.builder = builder
        self.socketPath = socketPath
        unsafe inbox = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
        listener = try UnixSocket.listen(at: socketPath, kind: .sequentialPacket, backlog: 4)
        queue.reserveCapacity(Self.maximumQueue)
        try epoll.add(listener.descriptor, for: .readable, token: Self.listenerToken)
        try epoll.add(signals.descriptor, for: .readable, token: Self.signalToken)
        adopt(agent)
    }

    deinit {
        unsafe inbox.deallocate()
    }

    /// Works until the agent says `exit`.
    func run() throws(LinuxError) {
        watchAgent()
        while true {
            let busy = builder.job != nil && !reportWaits || builder.job == nil && !queue.isEmpty
            let count = try epoll.wait(milliseconds: busy ? 0 : nil)
            var accepting = false
            var readable = false
            for index in 0..<count {
                switch epoll[index].token {
                case Self.listenerToken: accepting = true
                case Self.signalToken: stop()
                default: readable = true
                }
            }
            // The end of the old connection first: only then is there room for a new one.
            if readable, serveAgent() == .exit { return }
            if accepting { acceptAgent() }
            work()
            watchAgent()
            if isStopping, !table.hasInFlight { return removeSocket() }
        }
    }

    // MARK: Connections

    private func adopt(_ socket: OwnedDescriptor) {
        outbox.clear()
        guard (try? epoll.add(socket.descriptor, for: .readable, token: Self.agentToken)) != nil else { return }
        agent = socket
        watchedFor = .readable
        var header = HolderCoding.Header(.hello)
        header.value = getpid()
        header.detail = HolderCoding.version
        outbox.append(header)
    }

    private func acceptAgent() {
        while let socket = try? UnixSocket.accept(listener.descriptor) {
            // A living agent is not pushed aside, and nobody but our own user commands us.
            guard agent == nil, let peer = try? UnixSocket.peer(of: socket.descriptor), peer.userID == geteuid() else {
                continue
            }
            adopt(socket)
        }
    }

    /// The agent is gone: what was reported stays pinned, since a host may still discard it; what was not is dropped.
    private func loseAgent() {
        if let agent { epoll.remove(agent.descriptor) }
        agent = nil
        outbox.clear()
        reportWaits = false
        builder.abandon(table)
        dropQueue { _ in true }
    }

    private func watchAgent() {
        guard let agent else { return }
        if !outbox.flush(agent.descriptor) {
            loseAgent()
            return
        }
        var interest: Epoll.Readiness = []
        if !outbox.isNearlyFull { interest.insert(.readable) }
        if !outbox.isEmpty { interest.insert(.writable) }
        guard interest != watchedFor else { return }
        guard (try? epoll.modify(agent.descriptor, for: interest, token: Self.agentToken)) != nil else { return }
        watchedFor = interest
    }

    // MARK: Orders

    private enum Verdict {
        case goOn, exit
    }

    private func serveAgent() -> Verdict {
        while let agent, !outbox.isNearlyFull {
            switch try? unsafe ByteChannel.receive(agent.descriptor, into: inbox) {
            case .bytes(let count):
                let message = unsafe UnsafeRawBufferPointer(rebasing: inbox[..<count])
                guard let header = unsafe HolderCoding.Header(message), let request = HolderRequest(header) else {
                    fail(0, slot: 0, .invalidArgument, .order)
                    continue
                }
                if obey(request) == .exit { return .exit }
            case .wouldBlock: return .goOn
            case .closed, nil:
                loseAgent()
                return .goOn
            }
        }
        return .goOn
    }

    private func obey(_ request: HolderRequest) -> Verdict {
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

    private func removeSocket() { _ = unsafe socketPath.withPlatformString { unsafe unlink($0) } }

    /// What nobody was told of is given up; what a host may discard stays pinned until it has answered.
    private func stop() {
        while (try? signals.next()) ?? nil != nil {}
        isStopping = true
        if builder.job != nil, !reportWaits { abortCurrent() }
        dropQueue { _ in true }
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

    /// The guest needs memory now. Allocates nothing.
    private func releaseAllHeld() {
        var bytes: UInt64 = 0
        for index in 0..<table.end where table[index].state == .held {
            let size = UInt64(table[index].bytes)
            if (try? table.release(index)) != nil { bytes += size }
        }
        FailPoint.hit("holder.released")
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

    private func abortCurrent() {
        guard let job = builder.job else { return }
        let chunk = table[job.index]
        builder.abandon(table)
        fail(chunk.id, slot: Int(chunk.slot), .canceled, .aborted)
    }

    private func dropQueue(where drops: (ChunkBuilder.Job) -> Bool) {
        var index = 0
        while index < queue.count {
            let job = queue[index]
            guard drops(job) else {
                index += 1
                continue
            }
            queue.remove(at: index)
            let chunk = table[job.index]
            if job.again { table[job.index].state = .held } else { try? table.release(job.index) }
            fail(chunk.id, slot: Int(chunk.slot), .canceled, .aborted)
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

    // MARK: Work

    /// One step of what is being built.
    private func work() {
        if builder.job == nil, !queue.isEmpty { builder.start(queue.removeFirst()) }
        guard let job = builder.job else { return }
        if !reportWaits {
            switch builder.step(table) {
            case .more: return
            case .failed(let errno, let step):
                let chunk = table[job.index]
                builder.abandon(table)
                return fail(chunk.id, slot: Int(chunk.slot), errno, step)
            case .finished: reportWaits = true
            }
        }
        guard !outbox.isNearlyFull else { return }
        reportWaits = false
        builder.finish()
        let chunk = table[job.index]
        var header = HolderCoding.Header(.built)
        header.chunk = chunk.id
        header.slot = UInt32(bitPattern: chunk.slot)
        sendRuns(header)
        if let agent, !outbox.flush(agent.descriptor) { return loseAgent() }
        FailPoint.hit("holder.offered")
    }

    // MARK: Answers

    private func fail(_ chunk: UInt64, slot: Int, _ errno: Errno, _ step: HolderStep) {
        var header = HolderCoding.Header(.failed)
        header.chunk = chunk
        header.slot = UInt32(clamping: slot)
        header.value = errno.rawValue
        header.detail = step.rawValue
        outbox.append(header)
    }

    private func sendRuns(_ template: HolderCoding.Header) {
        var header = template
        let runs = unsafe builder.runs
        var first = 0
        repeat {
            let count = min(HolderCoding.extentsInPart, builder.runCount - first)
            header.count = UInt32(count)
            header.flags = first + count == builder.runCount ? HolderCoding.lastPart : 0
            unsafe outbox.append(header, bytes: count * HolderCoding.extentBytes) { part in
                let source = unsafe UnsafeBufferPointer(rebasing: runs[(first * 2)..<((first + count) * 2)])
                unsafe part.copyMemory(from: UnsafeRawBufferPointer(source))
            }
            first += count
        } while first < builder.runCount
    }

    private func list() {
        var header = HolderCoding.Header(.listed)
        var index = 0
        repeat {
            var count = 0
            let start = index
            while index < table.end, count < HolderCoding.chunksInPart {
                if table[index].state != .free { count += 1 }
                index += 1
            }
            header.count = UInt32(count)
            header.flags = index >= table.end ? HolderCoding.lastPart : 0
            unsafe outbox.append(header, bytes: count * HolderCoding.chunkBytes) { [table] part in
                var offset = 0
                for entry in start..<index where table[entry].state != .free {
                    let chunk = table[entry]
                    let state: UInt32 =
                        switch chunk.state {
                        case .free, .held: 0
                        case .pinned: 1
                        case .building: 2
                        // Nobody was told of it yet, and its agent can still break it off.
                        case .repinning: 1
                        }
                    unsafe HolderCoding.store64(part, offset, chunk.id)
                    unsafe HolderCoding.store64(part, offset + 8, UInt64(chunk.bytes))
                    unsafe HolderCoding.store32(part, offset + 16, state)
                    unsafe HolderCoding.store32(part, offset + 20, UInt32(bitPattern: chunk.slot))
                    offset += HolderCoding.chunkBytes
                }
            }
        } while index < table.end
    }
}
