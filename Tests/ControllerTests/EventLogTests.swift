import Controller
import HostAPI
import Logging
import Testing

@Suite("Event log", .timeLimit(.minutes(5)))
struct EventLogTests {
    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func log(capacity: Int = 4, firstID: UInt64 = 1) -> EventLog {
        EventLog(
            capacity: capacity, logger: Self.silent, firstID: firstID, now: { Timestamp(milliseconds: 5) })
    }

    @Test("Events are numbered and handed out oldest first")
    func order() {
        let log = log()
        #expect(log.page(since: nil, limit: 10) == EventPage(events: [], next: 0))
        log.append(.paused, "a")
        log.append(.resumed, vm: "web1", "b", fields: ["held_bytes": 5])
        let page = log.page(since: nil, limit: 10)
        #expect(page.events.map(\.id) == [1, 2])
        #expect(page.events.last?.vm == "web1")
        #expect(page.events.last?.fields == ["held_bytes": 5])
        #expect(page.next == 2)
        #expect(log.page(since: 1, limit: 10).events.map(\.message) == ["b"])
        #expect(log.page(since: 2, limit: 10) == EventPage(events: [], next: 2))
        #expect(log.page(since: nil, limit: 1).events.map(\.id) == [2])
        #expect(log.page(since: 0, limit: 1).next == 1)
    }

    @Test("Old events are dropped, and who missed them is told")
    func ring() {
        let log = log()
        for number in 1...10 { log.append(.paused, "\(number)") }
        #expect(log.page(since: nil, limit: 100).events.map(\.id) == [7, 8, 9, 10])
        #expect(!log.page(since: 6, limit: 100).lost)
        let page = log.page(since: 5, limit: 2)
        #expect(page.lost)
        #expect(page.events.map(\.id) == [7, 8])
        #expect(page.next == 8)
        #expect(!log.page(since: 0, limit: 2).lost)
    }

    @Test("An id of the future starts over")
    func future() {
        let log = log()
        log.append(.paused, "a")
        #expect(log.page(since: 99, limit: 5).events.map(\.id) == [1])
    }

    @Test("Who waits gets the next event at once")
    func waits() async {
        let log = log()
        log.append(.paused, "a")
        async let first = log.page(since: 1, limit: 5, wait: .seconds(50))
        async let second = log.page(since: 1, limit: 5, wait: .seconds(50))
        try? await Task.sleep(for: .milliseconds(50))
        log.append(.resumed, "b")
        #expect(await first.events.map(\.message) == ["b"])
        #expect(await second.events.map(\.message) == ["b"])
    }

    @Test("Waiting ends with its time, and with its task")
    func ends() async {
        let log = log()
        let empty = await log.page(since: 0, limit: 5, wait: .milliseconds(20))
        #expect(empty == EventPage(events: [], next: 0))
        let task = Task { await log.page(since: 0, limit: 5, wait: .seconds(50)) }
        try? await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await task.value.events.isEmpty)
    }

    @Test("Ids go on growing after a restart")
    func restarts() {
        let before = EventLog(logger: Self.silent, now: { Timestamp(milliseconds: 1000) })
        before.append(.started, "a")
        let after = EventLog(logger: Self.silent, now: { Timestamp(milliseconds: 2000) })
        after.append(.started, "b")
        let page = after.page(since: before.page(since: nil, limit: 1).next, limit: 5)
        #expect(page.events.map(\.message) == ["b"])
    }
}
