import GuestMemory
import TestKit
import Testing
import Wire

/// A host that has the wrong idea of where a guest's memory lies discards nothing of it.
@Suite("Fault: maps", .serialized)
struct FaultMapTests {
    /// RAM on both sides of the hole below 4 GiB. Little of it is ever touched.
    private static let memory: UInt64 = 4 << 30

    private struct Attempt: Sendable {
        var name: String
        var map: MemoryMap
        var locks: [FileLock]
    }

    /// Lets the guest offer memory to a host with that map; returns what became of the offers.
    private static func offer(
        _ guest: Guest, _ attempt: Attempt, bytes: UInt64, count: Int
    ) async throws -> [DiscardOutcome] {
        let socket = guest.agentSocket
        return try await offThread {
            let engine = try DiscardEngine(map: attempt.map, locks: attempt.locks)
            let fence = SessionFence()
            var host = try BareHost(socket: socket, vmBytes: bytes)
            let nonce = host.nonce
            var outcomes: [DiscardOutcome] = []
            _ = try host.answer(offers: count, balloon: 512 << 20, vmBytes: bytes) { offered in
                let outcome = engine.discard(
                    DiscardOffer(
                        chunk: offered.offer.chunk, extents: offered.extents, nonce: nonce,
                        receivedAt: offered.receivedAt),
                    fence: fence)
                outcomes.append(outcome)
                return (outcome.status, outcome.discardedBytes)
            }
            try host.goodbye()
            return outcomes
        }
    }

    @Test("Shifted, exchanged, or of another VM: refused by stamps or bounds, and nothing is discarded")
    func wrongMaps() async throws {
        try await Guest.with(GuestOptions(memory: Self.memory)) { guest in
            try await Guest.with(GuestOptions(memory: Self.memory, startsAgent: false), name: "wrongMaps-other") {
                other in
                let checker = try await guest.startChecker(bytes: 256 << 20)
                let otherChecker = try await other.startChecker(bytes: 256 << 20)
                try await checker.waitForPages(1)
                try await otherChecker.waitForPages(1)
                let ram = try await RAMOfGuest(guest)
                let otherRAM = try await RAMOfGuest(other)
                #expect(ram.regions.contains { $0.guestAddress >= 4 << 30 })
                let wrong = [
                    Attempt(name: "+4 KiB", map: try ram.shifted(by: 4 << 10), locks: ram.locks),
                    Attempt(name: "-4 KiB", map: try ram.shifted(by: -(4 << 10)), locks: ram.locks),
                    Attempt(name: "+1 GiB", map: try ram.shifted(by: 1 << 30), locks: ram.locks),
                    Attempt(name: "-1 GiB", map: try ram.shifted(by: -(1 << 30)), locks: ram.locks),
                    Attempt(name: "exchanged", map: try ram.exchanged(), locks: ram.locks),
                    Attempt(name: "another VM's file", map: try ram.over(otherRAM), locks: otherRAM.locks),
                ]
                for attempt in wrong {
                    let resident = try guest.residentBytes()
                    let otherResident = try other.residentBytes()
                    let outcomes = try await Self.offer(guest, attempt, bytes: ram.bytes, count: 3)
                    print("  \(attempt.name): \(outcomes.map { "\($0.status): \($0.detail)" })")
                    #expect(outcomes.count == 3, "\(attempt.name)")
                    for outcome in outcomes {
                        #expect(
                            outcome.status == .refusedStamp || outcome.status == .refusedRange, "\(attempt.name)")
                        #expect(outcome.discardedBytes == 0 && outcome.ranges == 0, "\(attempt.name)")
                    }
                    #expect(try guest.residentBytes() + (4 << 20) >= resident, "\(attempt.name)")
                    #expect(try other.residentBytes() + (4 << 20) >= otherResident, "\(attempt.name)")
                }
                // With the right map the very same host discards what is offered.
                let right = Attempt(name: "right", map: try ram.map, locks: ram.locks)
                let outcomes = try await Self.offer(guest, right, bytes: ram.bytes, count: 3)
                #expect(outcomes.count == 3)
                for outcome in outcomes { #expect(outcome.status == .discarded, "\(outcome.detail)") }
                for checker in [checker, otherChecker] {
                    let report = try await checker.stop()
                    #expect(report.wrongPages == 0)
                    #expect(report.notZeroPages == 0)
                    #expect(report.pagesVerified > 0)
                }
            }
        }
    }
}
