import SystemPackage
import Testing

@testable import GuestMemory

@Suite("The ledger of huge pages")
struct HugePageLedgerTests {
    private static func pool(free: UInt64, reserved: UInt64 = 0, surplus: UInt64 = 0, overcommit: UInt64 = 0)
        -> HugePagePool
    {
        HugePagePool(
            pageBytes: 2 << 20, free: free, reserved: reserved, surplus: surplus, overcommit: overcommit)
    }

    @Test("What can be had is what is free and not promised, and what the kernel may add")
    func available() {
        #expect(Self.pool(free: 100, reserved: 40).availableBytes == 60 * 2 << 20)
        #expect(Self.pool(free: 10, reserved: 40).availableBytes == 0)
        #expect(Self.pool(free: 10, reserved: 10, surplus: 3, overcommit: 8).availableBytes == 5 * 2 << 20)
        #expect(Self.pool(free: 0, surplus: 9, overcommit: 8).availableBytes == 0)
        #expect(Self.pool(free: .max, overcommit: .max).availableBytes == .max)
    }

    /// A margin of 32 pages.
    private static func ledger(missing pages: UInt64) -> HugePageLedger {
        let ledger = HugePageLedger(marginBytes: 64 << 20)
        ledger.note("one", missing: pages / 2 * (2 << 20))
        ledger.note("two", missing: (pages - pages / 2) * (2 << 20))
        return ledger
    }

    private static func name(_ verdict: HugePageLedger.Verdict) -> String {
        switch verdict {
        case .open: "open"
        case .closed: "closed"
        case .back: "back"
        }
    }

    @Test(
        "Taking goes on while the pool covers all that is missing and the margin; at half the margin all is backed",
        arguments: [
            (500, "open"), (132, "open"), (131, "closed"), (116, "closed"), (115, "back"), (99, "back"), (0, "back"),
        ])
    func bounds(_ free: UInt64, _ expected: String) {
        let verdict = Self.ledger(missing: 100).judge(Self.pool(free: free))
        #expect(Self.name(verdict) == expected, "\(free)")
    }

    @Test("With nothing missing there is nothing to back, however empty the pool is")
    func nothing() {
        let ledger = Self.ledger(missing: 0)
        #expect(Self.name(ledger.judge(Self.pool(free: 0))) == "closed")
        #expect(Self.name(ledger.judge(Self.pool(free: 32))) == "open")
    }

    @Test("After a drain the pool must recover to twice the margin")
    func recovery() {
        let ledger = Self.ledger(missing: 100)
        #expect(Self.name(ledger.judge(Self.pool(free: 110))) == "back")
        ledger.note("one", missing: 0)
        ledger.note("two", missing: 0)
        #expect(Self.name(ledger.judge(Self.pool(free: 40))) == "closed")
        #expect(Self.name(ledger.judge(Self.pool(free: 63))) == "closed")
        #expect(Self.name(ledger.judge(Self.pool(free: 64))) == "open")
        #expect(Self.name(ledger.judge(Self.pool(free: 40))) == "open")
    }

    @Test("A pool that cannot be read takes nothing")
    func unreadable() {
        let ledger = HugePageLedger(sysRoot: "/nonexistent")
        #expect(Self.name(ledger.verdict()) == "closed")
    }
}
