import Glibc
import Linux
import SystemPackage
import Testing
import Wire

@testable import Balloon

@Suite("Holder processes, for real", .enabled(if: canHold), .serialized)
struct HolderTests {
    @Test("A built chunk is whole, sorted, stamped on every page, and does not move while it is pinned")
    func build() throws {
        let holder = try HolderFixture()
        let extents = try holder.build(7)
        #expect(Extent.totalBytes(extents) == 8 << 20)
        #expect(extents == extents.sorted { $0.firstFrame < $1.firstFrame })
        #expect(zip(extents, extents.dropFirst()).allSatisfy { $0.firstFrame + $0.frames < $1.firstFrame })
        #expect(try holder.stampedPages(extents, chunk: 7, nonce: holder.nonce) == 2048)
        #expect(try HolderFixture.anonymousShare(extents) == 1)
        try? SmallFile.write("1", to: "/proc/sys/vm/compact_memory")
        #expect(try holder.stampedPages(extents, chunk: 7, nonce: holder.nonce) == 2048)
    }

    @Test("The largest chunk, four at once, and the life of a chunk to its release")
    func life() throws {
        let holder = try HolderFixture()
        for slot in 0..<4 {
            holder.send(.build(chunk: UInt64(slot + 1), bytes: 32 << 20, slot: slot, nonce: holder.nonce))
        }
        var extents: [[Extent]] = []
        for slot in 0..<4 {
            guard case .built(UInt64(slot + 1), slot, let found) = try holder.next() else {
                Issue.record("chunk \(slot + 1) was not built")
                return
            }
            #expect(Extent.totalBytes(found) == 32 << 20)
            extents.append(found)
        }
        holder.send(.release(chunk: 1, afterUnpin: false))
        #expect(try holder.next() == .failed(chunk: 1, slot: 0, errno: .resourceBusy, step: .release))
        holder.send(.inventory(chunk: 1))
        #expect(try holder.next() == .failed(chunk: 1, slot: 0, errno: .noSuchFileOrDirectory, step: .inventory))
        holder.send(.exit)
        #expect(try holder.next() == .failed(chunk: 0, slot: 0, errno: .resourceBusy, step: .order))

        holder.send(.unpin(chunk: 1, slot: 0))
        #expect(try holder.next() == .unpinned(chunk: 1, slot: 0))
        holder.send(.inventory(chunk: 1))
        #expect(try holder.next() == .inventory(chunk: 1, extents: extents[0]))
        holder.send(.list)
        guard case .list(let chunks) = try holder.next() else {
            Issue.record("no list")
            return
        }
        #expect(chunks.map(\.state) == [.held, .pinned(slot: 1), .pinned(slot: 2), .pinned(slot: 3)])
        holder.send(.release(chunk: 1, afterUnpin: false))
        #expect(try holder.next() == .released(chunk: 1, bytes: 32 << 20))
        #expect(try HolderFixture.anonymousShare(extents[0]) < 0.5)

        holder.send(.unpin(chunk: 2, slot: 1))
        holder.send(.unpin(chunk: 3, slot: 2))
        #expect(try holder.next() == .unpinned(chunk: 2, slot: 1))
        #expect(try holder.next() == .unpinned(chunk: 3, slot: 2))
        holder.send(.releaseAllHeld)
        #expect(try holder.next() == .releasedAll(bytes: 64 << 20))
        #expect(try HolderFixture.anonymousShare(extents[3]) == 1, "what is in flight stays")
        holder.send(.release(chunk: 4, afterUnpin: true))
        #expect(try holder.next() == .released(chunk: 4, bytes: 32 << 20))
        holder.send(.exit)
        #expect(try holder.next() == .closed)
        #expect(holder.handle?.reap(blocking: true) == .exited(0))
        #expect(SmallFile.names(in: holder.directory).isEmpty)
    }

    @Test("A chunk is offered again: whole, and then nothing of it, since nothing moved")
    func reoffer() throws {
        let holder = try HolderFixture()
        let extents = try holder.build(1, bytes: 4 << 20)
        holder.send(.unpin(chunk: 1, slot: 0))
        #expect(try holder.next() == .unpinned(chunk: 1, slot: 0))
        let fresh = Nonce(low: 5, high: 6)
        holder.send(.reoffer(chunk: 1, slot: 2, nonce: fresh, onlyMoved: false))
        guard case .built(1, 2, let again) = try holder.next() else {
            Issue.record("not offered again")
            return
        }
        #expect(Extent.totalBytes(again) == 4 << 20)
        #expect(try holder.stampedPages(again, chunk: 1, nonce: fresh) == 1024)
        #expect(try HolderFixture.anonymousShare(extents) == 1)
        holder.send(.unpin(chunk: 1, slot: 2))
        #expect(try holder.next() == .unpinned(chunk: 1, slot: 2))
        holder.send(.reoffer(chunk: 1, slot: 0, nonce: Nonce(low: 7, high: 8), onlyMoved: true))
        guard case .built(1, 0, let moved) = try holder.next() else {
            Issue.record("not audited")
            return
        }
        // The kernel may have moved some: those, and only those, carry the new nonce.
        let bytes = try #require(Extent.totalBytes(moved))
        #expect(try holder.stampedPages(moved, chunk: 1, nonce: Nonce(low: 7, high: 8)) == Int(bytes / 4096))
        #expect(bytes < 4 << 20)
    }

    @Test("Of whole pages only, a chunk has aligned frames of 2 MiB, stamped and nothing else")
    func wholePages() throws {
        let holder = try HolderFixture()
        holder.send(.build(chunk: 1, bytes: 8 << 20, slot: 0, nonce: holder.nonce, wholePages: true))
        let event = try holder.next()
        // A machine without a free huge page says so, and has nothing of the chunk.
        if case .failed(1, _, _, .fragmented) = event { return }
        guard case .built(1, 0, let extents) = event else {
            Issue.record("not built: \(event)")
            return
        }
        #expect(extents.allSatisfy { $0.firstFrame % 512 == 0 && $0.frames % 512 == 0 })
        let bytes = try #require(Extent.totalBytes(extents))
        #expect(bytes > 0 && bytes <= 8 << 20)
        #expect(try holder.stampedPages(extents, chunk: 1, nonce: holder.nonce) == Int(bytes / 4096))
        holder.send(.unpin(chunk: 1, slot: 0))
        #expect(try holder.next() == .unpinned(chunk: 1, slot: 0))
        let fresh = Nonce(low: 5, high: 6)
        holder.send(.reoffer(chunk: 1, slot: 1, nonce: fresh, onlyMoved: false, wholePages: true))
        guard case .built(1, 1, let again) = try holder.next() else {
            Issue.record("not offered again")
            return
        }
        #expect(again.allSatisfy { $0.firstFrame % 512 == 0 && $0.frames % 512 == 0 })
        holder.send(.unpin(chunk: 1, slot: 1))
        #expect(try holder.next() == .unpinned(chunk: 1, slot: 1))
        holder.send(.release(chunk: 1, afterUnpin: false))
        #expect(try holder.next() == .released(chunk: 1, bytes: bytes))
    }

    @Test("A killed holder's frames stay pinned by the agent's ring until it is cleared")
    func killed() throws {
        let holder = try HolderFixture()
        let extents = try holder.build(1, slot: 3)
        let handle = try #require(holder.handle)
        try handle.kill()
        #expect(handle.reap(blocking: true) == .killed(SIGKILL))
        #expect(try holder.next() == .closed)
        usleep(200_000)
        #expect(try HolderFixture.anonymousShare(extents) == 1)
        #expect(try holder.rings.clear(slot: 3))
        #expect(try holder.rings.clear(slot: 3) == false)
        #expect(try HolderFixture.anonymousShare(extents) < 0.5)
    }

    @Test("A killed holder's held memory is free at once")
    func killedHeld() throws {
        let holder = try HolderFixture()
        let extents = try holder.build(1)
        holder.send(.unpin(chunk: 1, slot: 0))
        #expect(try holder.next() == .unpinned(chunk: 1, slot: 0))
        let handle = try #require(holder.handle)
        try handle.kill()
        #expect(handle.reap(blocking: true) == .killed(SIGKILL))
        #expect(try HolderFixture.anonymousShare(extents) < 0.5)
    }

    @Test("SIGTERM ends a holder only once nothing of it is in flight, and its held memory goes with it")
    func terminate() throws {
        let holder = try HolderFixture()
        _ = try holder.build(21, slot: 0)
        #expect(kill(holder.processID, SIGTERM) == 0)
        usleep(100_000)
        // Pinned and reported: a host may still discard it.
        holder.send(.list)
        #expect(try holder.next() == .list([AdoptedChunk(id: 21, bytes: 8 << 20, state: .pinned(slot: 0))]))
        holder.send(.build(chunk: 22, bytes: 2 << 20, slot: 1, nonce: Nonce(low: 1, high: 1)))
        guard case .failed(22, _, _, _) = try holder.next() else {
            Issue.record("a stopping holder took a new chunk")
            return
        }
        holder.send(.unpin(chunk: 21, slot: 0))
        #expect(try holder.next() == .unpinned(chunk: 21, slot: 0))
        #expect(try holder.next() == .closed)
    }

    @Test("Other signals end nothing; the kernel knows the holder by its name and its score")
    func signals() throws {
        let holder = try HolderFixture()
        for signal in [SIGINT, SIGHUP, SIGQUIT] { #expect(kill(holder.processID, signal) == 0) }
        usleep(50_000)
        holder.send(.list)
        #expect(try holder.next() == .list([]))
        #expect(try SmallFile.readText(FilePath("/proc/\(holder.processID)/comm")) == "ballast-holder")
        #expect(try ProcessSettings.oomScoreAdjustment(processID: holder.processID) == 1000)
        let status = try SmallFile.readText(FilePath("/proc/\(holder.processID)/status"))
        let effective = try #require(status.split(separator: "\n").first { $0.hasPrefix("CapEff:") })
        let bits = try #require(UInt64(effective.dropFirst(7).filter { !$0.isWhitespace }, radix: 16))
        #expect(Capabilities(rawValue: bits).isSubset(of: [.ipcLock, .sysResource]))
        let open = SmallFile.names(in: FilePath("/proc/\(holder.processID)/fd")).compactMap { Int($0) }
        #expect(Set(open).isSuperset(of: Set(0...7)))
        #expect(open.count <= 12)
    }

    @Test("The next agent finds a holder's memory, takes its rings and goes on")
    func adoption() throws {
        let holder = try HolderFixture()
        let extents = try holder.build(11, slot: 1)
        _ = try holder.build(12, slot: 2)
        holder.send(.unpin(chunk: 12, slot: 2))
        #expect(try holder.next() == .unpinned(chunk: 12, slot: 2))
        // While the first agent lives, nobody takes its place.
        let second = try HolderHandle.adopt(processID: holder.processID, runtimeDirectory: holder.directory)
        #expect(try HolderFixture.next(second) == .closed)

        holder.forgetAgent()
        usleep(50_000)
        #expect(HolderHandle.candidates(runtimeDirectory: holder.directory) == [holder.processID])
        let agent = try HolderHandle.adopt(processID: holder.processID, runtimeDirectory: holder.directory)
        #expect(try HolderFixture.next(agent) == .hello(processID: holder.processID, version: 1))
        agent.send(.list)
        let expected = [
            AdoptedChunk(id: 11, bytes: 8 << 20, state: .pinned(slot: 1)),
            AdoptedChunk(id: 12, bytes: 8 << 20, state: .held),
        ]
        #expect(try HolderFixture.next(agent) == .list(expected))
        #expect(try HolderFixture.anonymousShare(extents) == 1)

        let rings = try RingPool(adoptingFrom: agent.process, slots: 4)
        #expect(rings.isAdopted)
        #expect(try rings.clear(slot: 0) == false)
        #expect(try rings.clear(slot: 1), "the same ring as the holder's")
        agent.send(.unpin(chunk: 11, slot: 1))
        #expect(try HolderFixture.next(agent) == .unpinned(chunk: 11, slot: 1))
        agent.send(.releaseAllHeld)
        #expect(try HolderFixture.next(agent) == .releasedAll(bytes: 16 << 20))
    }

    @Test("A build that its agent did not live to hear of is dropped")
    func unheard() throws {
        let holder = try HolderFixture(failPoints: "holder.mapped=sleep:300")
        holder.send(.build(chunk: 1, bytes: 8 << 20, slot: 0, nonce: holder.nonce))
        usleep(50_000)
        holder.forgetAgent()
        let agent = try HolderHandle.adopt(processID: holder.processID, runtimeDirectory: holder.directory)
        #expect(try HolderFixture.next(agent) == .hello(processID: holder.processID, version: 1))
        agent.send(.list)
        #expect(try HolderFixture.next(agent) == .list([]))
        #expect(try holder.rings.clear(slot: 0) == false)
    }

    @Test("An abort and an emergency are served between two steps of a build")
    func abort() throws {
        let holder = try HolderFixture(failPoints: "holder.mapped=sleep:200")
        holder.send(.build(chunk: 1, bytes: 32 << 20, slot: 0, nonce: holder.nonce))
        holder.send(.build(chunk: 2, bytes: 32 << 20, slot: 1, nonce: holder.nonce))
        usleep(50_000)
        holder.send(.abort(chunk: 2))
        holder.send(.abort(chunk: 1))
        holder.send(.abort(chunk: 99))
        #expect(try holder.next() == .failed(chunk: 2, slot: 1, errno: .canceled, step: .aborted))
        #expect(try holder.next() == .failed(chunk: 1, slot: 0, errno: .canceled, step: .aborted))
        holder.send(.build(chunk: 3, bytes: 32 << 20, slot: 0, nonce: holder.nonce))
        usleep(50_000)
        holder.send(.releaseAllHeld)
        #expect(try holder.next() == .releasedAll(bytes: 0))
        #expect(try holder.next() == .failed(chunk: 3, slot: 0, errno: .canceled, step: .aborted))
        holder.send(.list)
        #expect(try holder.next() == .list([]))
        #expect(try holder.rings.clear(slot: 0) == false)
    }

    @Test(
        "Killed at a delicate step, the frames that a host may know of stay, the others leave",
        arguments: ["holder.mapped", "holder.populated", "holder.registered", "holder.stamped", "holder.offered"])
    func failPoints(name: String) throws {
        let holder = try HolderFixture(failPoints: "\(name)=kill")
        holder.send(.build(chunk: 1, bytes: 4 << 20, slot: 0, nonce: holder.nonce))
        var event = try holder.next()
        var extents: [Extent] = []
        if case .built(1, 0, let found) = event {
            extents = found
            event = try holder.next()
        }
        #expect(event == .closed)
        #expect(holder.handle?.reap(blocking: true) == .killed(SIGKILL))
        #expect(extents.isEmpty == (name != "holder.offered"))
        let pinned = ["holder.registered", "holder.stamped", "holder.offered"].contains(name)
        if !extents.isEmpty { #expect(try HolderFixture.anonymousShare(extents) == 1) }
        #expect(try holder.rings.clear(slot: 0) == pinned)
    }

    @Test("Killed in the middle of unpinning or after a release")
    func failPointsLater() throws {
        let holder = try HolderFixture(failPoints: "holder.unpinning=kill@2,holder.released=kill")
        _ = try holder.build(1, bytes: 2 << 20, slot: 0)
        _ = try holder.build(2, bytes: 2 << 20, slot: 1)
        holder.send(.unpin(chunk: 1, slot: 0))
        #expect(try holder.next() == .unpinned(chunk: 1, slot: 0))
        holder.send(.unpin(chunk: 2, slot: 1))
        #expect(try holder.next() == .closed)
        _ = holder.handle?.reap(blocking: true)
        #expect(try holder.rings.clear(slot: 0) == false)
        #expect(try holder.rings.clear(slot: 1))
    }

    @Test("Orders that make no sense are refused and change nothing")
    func nonsense() throws {
        let holder = try HolderFixture()
        let nonce = holder.nonce
        for request in [
            HolderRequest.build(chunk: 1, bytes: 0, slot: 0, nonce: nonce),
            .build(chunk: 1, bytes: 4096, slot: 0, nonce: nonce),
            .build(chunk: 1, bytes: 64 << 20, slot: 0, nonce: nonce),
            .build(chunk: 1, bytes: .max, slot: 0, nonce: nonce),
            .build(chunk: 1, bytes: 2 << 20, slot: 4, nonce: nonce),
            .build(chunk: 1, bytes: 2 << 20, slot: .max, nonce: nonce),
            .build(chunk: 0, bytes: 2 << 20, slot: 0, nonce: nonce),
            .unpin(chunk: 5, slot: 0), .release(chunk: 5, afterUnpin: true), .inventory(chunk: 5),
            .reoffer(chunk: 5, slot: 0, nonce: nonce, onlyMoved: true),
        ] {
            holder.send(request)
            guard case .failed = try holder.next() else {
                Issue.record("\(request) was not refused")
                continue
            }
        }
        _ = try holder.build(1, bytes: 2 << 20, slot: 0)
        holder.send(.build(chunk: 2, bytes: 2 << 20, slot: 0, nonce: nonce))
        #expect(try holder.next() == .failed(chunk: 2, slot: 0, errno: .resourceBusy, step: .order))
        holder.send(.build(chunk: 1, bytes: 2 << 20, slot: 1, nonce: nonce))
        #expect(try holder.next() == .failed(chunk: 1, slot: 1, errno: .invalidArgument, step: .order))
        holder.send(.unpin(chunk: 1, slot: 1))
        #expect(try holder.next() == .failed(chunk: 1, slot: 1, errno: .invalidArgument, step: .unpin))
        holder.send(.list)
        #expect(try holder.next() == .list([AdoptedChunk(id: 1, bytes: 2 << 20, state: .pinned(slot: 0))]))
    }

    @Test("A ring that still pins a dead holder's chunk takes no second one")
    func suspectRing() throws {
        let first = try HolderFixture()
        _ = try first.build(1, bytes: 2 << 20, slot: 0)
        let second = try HolderHandle.spawn(
            rings: first.rings, runtimeDirectory: first.directory, executable: try HolderFixture.agent(),
            environment: [])
        defer {
            try? second.kill()
            _ = second.reap(blocking: true)
        }
        _ = try HolderFixture.next(second)
        second.send(.build(chunk: 2, bytes: 2 << 20, slot: 0, nonce: first.nonce))
        #expect(
            try HolderFixture.next(second) == .failed(chunk: 2, slot: 0, errno: .resourceBusy, step: .register))
        second.send(.list)
        #expect(try HolderFixture.next(second) == .list([]))
    }
}
