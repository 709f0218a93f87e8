import Testing
import Wire

@testable import Agent

@Suite("Who forbids inflation")
struct HoldBookTests {
    private let second: UInt64 = 1_000_000_000

    @Test("A hold counts from when it was asked for, is replaced by the next, and ends by 0")
    func administrator() throws {
        var book = HoldBook()
        #expect(book.inForce(now: 0) == nil && book.remainingMilliseconds(now: 0) == 0)
        book.apply(Hold(milliseconds: 1500), peer: "ballastctl", now: 10 * second)
        #expect(book.inForce(now: 10 * second) == AdminHold(until: 11_500_000_000, reason: .hold))
        #expect(book.remainingMilliseconds(now: 10 * second) == 1500)
        #expect(book.remainingMilliseconds(now: 11_499_999_999) == 1)
        #expect(book.remaining(now: 12 * second) == 0 && book.inForce(now: .max) == nil)
        book.apply(Hold(milliseconds: 500), peer: "ballastctl", now: 10 * second)
        #expect(book.remainingMilliseconds(now: 10 * second) == 500)
        book.apply(Hold(milliseconds: 0), peer: "ballastctl", now: 10 * second)
        #expect(book == HoldBook())
    }

    @Test("Resuming ends the hold of the hibernation, not the administrator's")
    func hibernation() throws {
        var book = HoldBook()
        book.apply(Hold(milliseconds: 60_000), peer: "ballastctl", now: 0)
        book.apply(Hold(milliseconds: 3_600_000), peer: AgentClient.hibernationPeer, now: 0)
        #expect(book.inForce(now: 0)?.reason == .hibernation)
        var other = book
        book.apply(Hold(milliseconds: 0), peer: AgentClient.hibernationPeer, now: second)
        #expect(book.inForce(now: second) == AdminHold(until: 60 * second, reason: .hold))
        // The administrator's word ends both.
        other.apply(Hold(milliseconds: 0), peer: "ballastctl", now: second)
        #expect(other == HoldBook())
    }

    @Test("Times beyond the clock are for good, and what is over is forgotten")
    func limits() {
        for milliseconds in [UInt64.max, UInt64.max / 1000] {
            var book = HoldBook()
            book.apply(Hold(milliseconds: milliseconds), peer: "x", now: 5)
            #expect(book.remainingMilliseconds(now: 1 << 60) == .max)
            book.forget(now: UInt64.max - 1)
            #expect(book.administrator != nil)
        }
        var book = HoldBook()
        book.apply(Hold(milliseconds: 1), peer: "x", now: 0)
        book.apply(Hold(milliseconds: 2), peer: AgentClient.hibernationPeer, now: 0)
        book.forget(now: 1_000_000)
        #expect(book.administrator == nil && book.hibernation != nil)
        book.forget(now: 2_000_000)
        #expect(book == HoldBook())
    }
}
