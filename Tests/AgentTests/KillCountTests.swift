import Testing

@testable import Agent

@Suite("Whose OOM kill it was")
struct KillCountTests {
    @Test("A kill at a cgroup's limit is not the guest's, one without such a limit is")
    func attribution() {
        var count = KillCount()
        var hits: UInt64 = 7
        func ask() -> UInt64 { hits }
        #expect(count.global(3, memoryIsAmple: true, limitHits: ask) == (3, 0))
        hits = 8
        #expect(count.global(4, memoryIsAmple: true, limitHits: ask) == (3, 1))
        #expect(count.global(4, memoryIsAmple: true, limitHits: ask) == (3, 0))
        // Nobody ran into a limit: the guest was out of memory.
        #expect(count.global(6, memoryIsAmple: true, limitHits: ask) == (5, 0))
        // Two kills and one limit.
        hits = 9
        #expect(count.global(8, memoryIsAmple: true, limitHits: ask) == (6, 1))
    }

    @Test("Where memory is short every kill counts, and nobody is asked")
    func short() {
        var count = KillCount()
        _ = count.global(0, memoryIsAmple: true) { 0 }
        let judged = count.global(1, memoryIsAmple: false) {
            Issue.record("asked while memory is short")
            return 1
        }
        #expect(judged == (1, 0))
    }
}
