import Balloon
import Linux
import Sensors
import SystemPackage
import Wire

/// The agent's holders and rings, by number.
final class HolderPool {
    /// What a holder said, as the loop needs it.
    enum Happening {
        case built(UInt64, [Extent])
        case failed(UInt64, step: HolderStep, error: Errno?)
        case unpinned(UInt64)
        case released(UInt64)
        case releasedAll
        case inventoried(UInt64, [Extent])
        case gone
    }

    private struct Member {
        let handle: HolderHandle
        var token: UInt64 = 0
    }

    private let configuration: AgentConfiguration
    private let log: AgentLog
    private let runtimeDirectory: FilePath
    private var rings: RingPool
    private var members: [Int: Member] = [:]
    private var byToken: [UInt64: Int] = [:]
    private var nextNumber = 1
    /// The handles once more, so that the release path walks an array and allocates nothing.
    private var releaseList: [HolderHandle] = []
    /// Holders that were given up and have not ended yet.
    private var ending: [HolderHandle] = []
    /// Holders taken over before the loop runs.
    private var adopted: [(id: Int, chunks: [AdoptedChunk])] = []

    /// Takes over the rings and holders of an earlier agent where some live, else makes rings.
    init(configuration: AgentConfiguration, log: AgentLog) throws(LinuxError) {
        self.configuration = configuration
        self.log = log
        runtimeDirectory = FilePath(configuration.runtimeDirectory)
        var found: [HolderHandle] = []
        for process in HolderHandle.candidates(runtimeDirectory: runtimeDirectory) {
            do throws(LinuxError) {
                found.append(try HolderHandle.adopt(processID: process, runtimeDirectory: runtimeDirectory))
            } catch {
                log.warning("holder \(process) could not be taken over: \(error)")
            }
        }
        var taken: RingPool?
        for handle in found where taken == nil {
            taken = try? RingPool(adoptingFrom: handle.process, slots: configuration.slots)
        }
        if let taken {
            rings = taken
        } else {
            rings = try RingPool(slots: configuration.slots)
        }
        for handle in found {
            guard handle.send(.list), let chunks = Self.list(handle) else {
                log.warning("holder \(handle.processID) does not answer and is left alone")
                continue
            }
            adopted.append((admit(handle), chunks))
        }
    }

    /// Waits for a holder's list of chunks, at most two seconds.
    private static func list(_ handle: HolderHandle) -> [AdoptedChunk]? {
        let deadline = BoottimeClock.now() + 2_000_000_000
        while BoottimeClock.now() < deadline {
            switch handle.next() {
            case .list(let chunks): return chunks
            case .closed: return nil
            case nil: PortPoll.waitReadable(handle.descriptor, milliseconds: 50)
            default: continue
            }
        }
        return nil
    }

    /// Rings, and so chunks in flight.
    var slots: Int { rings.count }

    /// The cgroup of a holder, whose limits count; nil where there is none yet.
    var cgroupPath: String? {
        members.values.first.flatMap { CgroupLimits.path(ofProcess: $0.handle.processID) }
    }

    /// The holders that were taken over, once.
    func adoptLiving() -> [(id: Int, chunks: [AdoptedChunk])] {
        defer { adopted = [] }
        return adopted
    }

    /// Starts a holder, in a scope of its own where systemd runs.
    func spawn(oomScore: Int) throws(LinuxError) -> Int {
        let handle = try HolderHandle.spawn(rings: rings, runtimeDirectory: runtimeDirectory, score: oomScore)
        if HolderScope.isAvailable() {
            do {
                try handle.enterScope(slice: configuration.holderSlice)
            } catch {
                log.warning("holder \(handle.processID) stays in the agent's cgroup: \(error)")
            }
        }
        return admit(handle)
    }

    private func admit(_ handle: HolderHandle) -> Int {
        let id = nextNumber
        nextNumber += 1
        members[id] = Member(handle: handle)
        releaseList.append(handle)
        return id
    }

    /// The descriptor to watch.
    func descriptor(of id: Int) -> FileDescriptor { members[id]?.handle.descriptor ?? FileDescriptor(rawValue: -1) }

    /// Gives the holder its token in epoll.
    func token(of id: Int, _ token: UInt64) -> UInt64 {
        members[id]?.token = token
        byToken[token] = id
        return token
    }

    /// The holder with this token.
    func holder(token: UInt64) -> Int? { byToken[token] }

    /// What a holder says next.
    func next(_ id: Int) -> Happening? {
        guard let member = members[id] else { return nil }
        while let event = member.handle.next() {
            switch event {
            case .built(let chunk, _, let extents): return .built(chunk, extents)
            case .failed(let chunk, _, let errno, let step):
                if step == .release { log.error("holder \(id) refuses to release chunk \(chunk): \(errno)") }
                return .failed(chunk, step: step, error: step == .aborted ? nil : errno)
            case .unpinned(let chunk, _): return .unpinned(chunk)
            case .released(let chunk, _): return .released(chunk)
            case .releasedAll:
                try? ProcessSettings.setNice(HolderMain.niceness, ofProcess: member.handle.processID)
                return .releasedAll
            case .inventory(let chunk, let extents): return .inventoried(chunk, extents)
            case .hello, .list: continue
            case .closed: return .gone
            }
        }
        return nil
    }

    /// Gives a holder its order; false where it was not taken, which only a dead or stuck holder does.
    ///
    /// - Parameter wholePages: the host can discard whole, aligned frames of 2 MiB only.
    func order(_ action: EngineAction, nonce: Nonce?, wholePages: Bool) -> Bool {
        switch action {
        case .build(let holder, let chunk, let bytes, let slot):
            guard let nonce else { return false }
            return send(
                holder, .build(chunk: chunk, bytes: bytes, slot: slot, nonce: nonce, wholePages: wholePages))
        case .abort(let holder, let chunk): return send(holder, .abort(chunk: chunk))
        case .unpin(let holder, let chunk, let slot): return send(holder, .unpin(chunk: chunk, slot: slot))
        case .release(let holder, let chunk): return send(holder, .release(chunk: chunk, afterUnpin: false))
        case .reoffer(let holder, let chunk, let slot, let onlyMoved):
            guard let nonce else { return false }
            return send(
                holder,
                .reoffer(chunk: chunk, slot: slot, nonce: nonce, onlyMoved: onlyMoved, wholePages: wholePages))
        case .inventory(let holder, let chunk): return send(holder, .inventory(chunk: chunk))
        case .clear, .send: return true
        }
    }

    private func send(_ holder: Int, _ request: HolderRequest) -> Bool {
        members[holder]?.handle.send(request) ?? false
    }

    /// Everything that is not in flight goes back to the guest. Allocates nothing.
    func releaseAllHeld() {
        // Those who give memory back go before those who wait for it.
        order(.releaseAllHeld, nice: -20)
    }

    /// Walks the same way with an order that changes nothing.
    func rehearse() { order(.list, nice: HolderMain.niceness) }

    private func order(_ request: HolderRequest, nice: Int32) {
        for handle in releaseList {
            try? ProcessSettings.setNice(nice, ofProcess: handle.processID)
            handle.send(request)
        }
    }

    /// Clears a ring whose holder is gone.
    func clear(slot: Int) {
        do throws(LinuxError) {
            try rings.clear(slot: slot)
        } catch {
            log.error("slot \(slot): \(error)")
        }
    }

    /// Changes how the OOM killer sees the holders.
    func setScores(_ score: Int) {
        for member in members.values { member.handle.send(.setScore(score)) }
    }

    /// Ends a holder that does not obey.
    func kill(_ id: Int) {
        do throws(LinuxError) {
            try members[id]?.handle.kill()
        } catch {
            log.error("holder \(id): \(error)")
        }
    }

    /// Holders that have ended.
    func deadHolders() -> [Int] {
        ending.removeAll { $0.reap() != nil }
        return members.filter { $0.value.handle.reap() != nil }.map(\.key).sorted()
    }

    /// Drops a holder that has ended.
    func forget(_ id: Int) {
        guard let member = members.removeValue(forKey: id) else { return }
        byToken[member.token] = nil
        releaseList.removeAll { $0 === member.handle }
        if member.handle.reap() == nil { ending.append(member.handle) }
    }
}
