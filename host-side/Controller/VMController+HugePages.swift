import GuestMemory
import HostAPI
import Linux
import Logging
import NIOPosix
import Wire

/// What differs where the guest's RAM lies on huge pages: a page that was discarded has lost its reservation, so the
/// host sees to it that the pool could give it back, and backs it before a guest may touch it (docs/safety.md).
extension VMController {
    /// Whether the VM's RAM lies on huge pages.
    var usesHugePages: Bool { memoryMap?.regions.contains { $0.pageBytes > MemoryMap.frameBytes } ?? false }

    /// What the host can discard, in bytes.
    var granuleBytes: UInt64 { memoryMap?.regions.map(\.pageBytes).max() ?? MemoryMap.frameBytes }

    /// Tells the ledger how much of the VM's RAM has no memory behind it.
    func noteMissing() {
        guard usesHugePages, let memoryMap, let resident = try? Residency.total(of: locks.map(\.file)) else { return }
        ledger.note(policy.name, missing: memoryMap.totalBytes - min(resident, memoryMap.totalBytes))
    }

    /// Why nothing more may be taken from this VM now; nil where it may.
    func poolRefusal(_ link: AgentLink) -> String? {
        guard usesHugePages else { return nil }
        if link.isBacking { return "memory of an earlier session is still being backed" }
        noteMissing()
        switch ledger.verdict() {
        case .open: return nil
        case .closed(let why), .back(let why): return why
        }
    }

    /// Backs ranges of the VM's files, slice by slice, until one fails; returns why it did.
    @discardableResult
    func back(_ ranges: [FileRange]) async -> String? {
        let files = Dictionary(locks.map { ($0.file.key, $0.file) }, uniquingKeysWith: { first, _ in first })
        var done: UInt64 = 0
        var problem: String?
        for range in ranges {
            guard let file = files[range.file] else { continue }
            let failure: LinuxError?? = try? await NIOThreadPool.singleton.runIfActive {
                do throws(LinuxError) {
                    try file.back(range)
                    return nil
                } catch {
                    return error
                }
            }
            guard let failure, failure == nil else {
                problem = (failure ?? nil)?.description ?? "ballast-host is stopping"
                break
            }
            done += range.length
        }
        noteMissing()
        // A pool that stays empty is tried ten times a second, and told once.
        defer { hasToldShortage = problem != nil }
        if let problem, !hasToldShortage {
            events.append(
                .distress, vm: policy.name, "memory of the guest could not be backed: \(problem)",
                fields: ["backed_bytes": .bytes(done)], level: .error)
        }
        return problem
    }

    /// The inventory is in: whatever an earlier session discarded and the guest no longer holds is backed.
    func backWhatIsNotHeld(_ link: AgentLink) {
        guard usesHugePages, let book = link.book, let memoryMap else { return }
        link.isBacking = true
        let ranges = BackingPlan.everything(but: book.heldFrames().values.flatMap(\.self), in: memoryMap)
        Task {
            await back(ranges)
            link.isBacking = false
            if link.isLive { await applyTarget(waiting: .zero) }
        }
    }

    /// Backs what the guest will release for this target, in the order in which it releases, and returns the target
    /// that is safe to give.
    func backBeforeRelease(to target: UInt64) async -> UInt64 {
        guard usesHugePages, let vmBytes, let book = link?.book else { return target }
        let plan = ReleasePlan(to: target, vmBytes: vmBytes, book: book)
        poolShortage = nil
        for (index, step) in plan.steps.enumerated() {
            guard let problem = await back(step.ranges) else { continue }
            poolShortage = Explanation(
                code: "huge-page-pool", message: "the pool of huge pages cannot give the memory back: \(problem)")
            limit = poolShortage
            return plan.target(backed: index)
        }
        return target
    }

    /// The guest took chunks back by itself: its next touch must find memory.
    func backReleased(_ chunks: [UInt64], _ book: RangeBook) {
        guard usesHugePages, let memoryMap else { return }
        let frames = book.heldFrames()
        let ranges = BackingPlan.ranges(of: chunks.flatMap { frames[$0] ?? [] }, in: memoryMap)
        if !ranges.isEmpty { Task { await back(ranges) } }
    }

    /// Backs all that is missing from the VM's RAM, whoever may touch it; what is there costs next to nothing. Held
    /// frames drift, so the book alone does not know where all of it is.
    func backEverything() async throws {
        guard usesHugePages, let memoryMap else { return }
        if let problem = await back(BackingPlan.everything(but: [], in: memoryMap)) {
            throw APIError(
                code: .refused,
                message: "\(policy.name) cannot have its memory back: the pool of huge pages is short (\(problem))",
                remedy: "raise nr_hugepages or nr_overcommit_hugepages and try again")
        }
    }

    /// The pool is being drained: everything that is missing is backed at once.
    func poolIsDrained(_ why: String) async {
        guard usesHugePages else { return }
        if !hasBackedAll {
            events.append(
                .distress, vm: policy.name, "what was taken is backed again: \(why)",
                fields: ["held_bytes": .bytes(link?.book?.heldBytes ?? 0)], level: .warning)
        }
        hasBackedAll = true
        try? await backEverything()
    }

    /// What was backed for want of pages is discarded again once the pool has recovered.
    func takeAgain() {
        guard hasBackedAll, let link, link.isLive, link.inventoryComplete, !store.isPaused, let book = link.book else {
            return
        }
        noteMissing()
        guard case .open = ledger.verdict() else { return }
        hasBackedAll = false
        let chunks = Array(book.heldFrames().keys.sorted().prefix(4096))
        if !chunks.isEmpty { send(.reoffer(Reoffer(chunks: chunks))) }
    }
}
