import Testing

@testable import Balloon

@Suite("The inventory and repeated offers, as values")
struct InventoryWalkTests {
    @Test("Chunks in the order of their numbers, one at a time, those that are gone left out, and an end")
    func walk() {
        var walk = InventoryWalk()
        var states: [UInt64: InventoryWalk.Readiness] = [1: .ready, 2: .never, 3: .later, 4: .ready]
        func step() -> InventoryWalk.Step { walk.next { states[$0] ?? .never } }
        func answered(_ chunk: UInt64) -> Bool { walk.answered(chunk) }
        #expect(step() == .wait)
        walk.begin([4, 1, 3, 2, 9])
        #expect(step() == .ask(1))
        #expect(step() == .wait)
        #expect(!answered(4))
        #expect(answered(1))
        #expect(!answered(1))
        #expect(step() == .wait, "3 is still pinned")
        states[3] = .ready
        #expect(step() == .ask(3))
        // Its holder dies: nobody will answer.
        states[3] = .never
        #expect(step() == .ask(4))
        #expect(answered(4))
        #expect(step() == .complete)
        #expect(!walk.isRunning)
        #expect(step() == .wait)
        walk.begin([])
        #expect(step() == .complete)
        walk.begin([1])
        walk.stop()
        #expect(step() == .wait)
    }

    @Test("Each chunk waits once, in order, and may wait again after its turn")
    func repeated() {
        var repeated = RepeatedOffers()
        func next() -> RepeatedOffers.Entry? { repeated.next() }
        repeated.add(2, onlyMoved: true)
        repeated.add(1, onlyMoved: false)
        repeated.add(2, onlyMoved: false)
        #expect(next() == .init(chunk: 2, onlyMoved: true))
        repeated.add(2, onlyMoved: false)
        #expect(next() == .init(chunk: 1, onlyMoved: false))
        #expect(next() == .init(chunk: 2, onlyMoved: false))
        #expect(repeated.isEmpty)
        #expect(next() == nil)
        repeated.add(3, onlyMoved: true)
        repeated.clear()
        #expect(next() == nil)
    }
}
