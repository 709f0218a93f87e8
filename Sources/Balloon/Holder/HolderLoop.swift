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
    static let maximumQueue = 16

    private let epoll: Epoll
    private let listener: OwnedDescriptor
    private let signals: SignalFD
    /// SIGTERM came: nothing new is begun, and the process ends as soon as nothing of it is in flight.
    private(set) var isStopping = false
    private var agent: OwnedDescriptor?
    private var watchedFor: Epoll.Readiness = []
    let outbox: HolderOutbox
    let table = HolderTable()
    let builder: ChunkBuilder
    private let inbox: UnsafeMutableRawBufferPointer
    var queue: [ChunkBuilder.Job] = []
    /// The job is done and waits for room to be reported.
    private(set) var reportWaits = false
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
        rehearse()
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

    func removeSocket() { _ = unsafe socketPath.withPlatformString { unsafe unlink($0) } }

    /// What nobody was told of is given up; what a host may discard stays pinned until it has answered.
    private func stop() {
        while (try? signals.next()) ?? nil != nil {}
        isStopping = true
        if builder.job != nil, !reportWaits { abortCurrent() }
        dropQueue { _ in true }
    }

    func abortCurrent() {
        guard let job = builder.job else { return }
        let chunk = table[job.index]
        builder.abandon(table)
        fail(chunk.id, slot: Int(chunk.slot), .canceled, .aborted)
    }

    func dropQueue(where drops: (ChunkBuilder.Job) -> Bool) {
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
}
