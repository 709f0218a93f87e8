import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("Gentle probing")
struct CacheProbeTests {
    private func counters(_ refaulted: UInt64) -> RefaultCounters {
        var counters = RefaultCounters()
        counters.refaultedFile = refaulted
        return counters
    }

    @Test("What came back within a minute of the last step is the answer, and the rest is likely cold")
    func answers() {
        var probe = CacheProbe()
        #expect(probe.due == nil)
        #expect(probe.coldBytes(ofInactive: 1 << 30, now: 0) == nil)
        probe.reclaimed(4 << 20, counters: counters(1000), now: 10 * second)
        // A step later is watched with the one before, from its counters on.
        probe.reclaimed(12 << 20, counters: counters(1100), now: 20 * second)
        #expect(probe.due == 80 * second)
        let early = probe.learn(counters(9000), now: 79 * second)
        #expect(!early)
        let answered = probe.learn(counters(1000 + 1024), now: 80 * second)
        #expect(answered)
        // 4 of 16 MiB.
        #expect(probe.refaultedShare == 250)
        #expect(probe.due == nil)
        #expect(probe.coldBytes(ofInactive: 1000 << 20, now: 90 * second) == 750 << 20)
        // One odd answer does not overturn it.
        probe.reclaimed(4 << 20, counters: counters(5000), now: 100 * second)
        _ = probe.learn(counters(5000), now: 160 * second)
        #expect(probe.refaultedShare == 125)
        // Ten minutes later it says nothing any more.
        #expect(probe.coldBytes(ofInactive: 1000 << 20, now: 761 * second) == nil)
    }

    @Test("Steps that do not end are answered all the same, and steps that took nothing are none")
    func goingOn() {
        var probe = CacheProbe()
        probe.reclaimed(0, counters: counters(0), now: 0)
        #expect(probe.due == nil)
        for time in UInt64(0)..<40 { probe.reclaimed(1 << 20, counters: counters(0), now: time * 10 * second) }
        #expect(probe.due == 300 * second)
        let answered = probe.learn(counters(.max), now: 390 * second)
        #expect(answered)
        #expect(probe.refaultedShare == 1000)
        #expect(probe.coldBytes(ofInactive: 1 << 30, now: 390 * second) == 0)
    }

    @Test("Numbers at their ends, and counters that begin anew, do no harm")
    func extremes() {
        var probe = CacheProbe()
        probe.reclaimed(.max, counters: counters(.max), now: .max)
        probe.reclaimed(.max, counters: counters(0), now: 0)
        _ = probe.learn(counters(0), now: .max)
        #expect(probe.refaultedShare == 0)
        #expect(probe.coldBytes(ofInactive: .max, now: .max) != nil)
    }

    @Test("The counters of old and new kernels; their differences never go below zero")
    func counters() {
        let new = RefaultCounters.parse(NumberTable(Array(WorkingSetFixtures.vmstat.utf8)))
        #expect(new.refaultedFile == 1000 && new.refaultedAnonymous == 5 && new.activated == 401)
        #expect(new.restored == 200 && new.reclaimed == 5010)
        let old = RefaultCounters.parse(NumberTable(Array("workingset_refault 7\nworkingset_activate 3\n".utf8)))
        #expect(old.refaultedFile == 7 && old.activated == 3)
        #expect(old.since(new) == RefaultCounters())
        #expect(new.since(old).refaultedFile == 993)
    }
}
