import Governor
import Testing

private let second = DurationText.second
private let gibibyte = ByteSize.gibibyte

@Suite("Periodic reports, and a controller that stays away")
struct ScheduleTests {
    private static func sent(_ schedule: inout StatsSchedule, _ available: UInt64, short: Bool = false, now: UInt64) {
        schedule.sent(
            availableBytes: available, balloonBytes: 0, memoryTotalBytes: gibibyte, short: short, now: now)
    }

    @Test("Never means that nothing is ever due")
    func never() {
        for policy in [StatsSchedule.Policy.never, .fixed(0)] {
            var schedule = StatsSchedule(policy, now: 5)
            #expect(schedule.due == nil && schedule.period == 0)
            schedule.noticed(now: 6)
            Self.sent(&schedule, 0, short: true, now: 7)
            #expect(schedule.due == nil)
        }
    }

    @Test("A fixed period stays fixed, whatever happens")
    func fixed() {
        var schedule = StatsSchedule(.fixed(10 * second), now: second)
        #expect(schedule.due == 11 * second)
        schedule.noticed(now: 2 * second)
        #expect(schedule.due == 11 * second)
        Self.sent(&schedule, 0, short: true, now: 12 * second)
        #expect(schedule.due == 22 * second)
    }

    @Test("Adaptive doubles from 1 s to 60 s at rest, and returns to 1 s with a change, a shortage or a notice")
    func adaptive() {
        var schedule = StatsSchedule(.adaptiveDefault, now: 0)
        var periods: [UInt64] = []
        for _ in 0..<9 {
            guard let due = schedule.due else { break }
            Self.sent(&schedule, gibibyte / 2, now: due)
            periods.append(schedule.period / second)
        }
        #expect(periods == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        let now = schedule.due ?? 0
        Self.sent(&schedule, gibibyte / 2 + gibibyte / 51, now: now)
        #expect(schedule.period == 60 * second)
        Self.sent(&schedule, gibibyte / 2 - gibibyte / 49, now: now)
        #expect(schedule.period == second)
        for step in 0..<UInt64(6) { Self.sent(&schedule, gibibyte / 2 - gibibyte / 49, now: now + step) }
        #expect(schedule.period == 60 * second)
        schedule.noticed(now: now + 10 * second)
        #expect(schedule.due == now + 10 * second)
        Self.sent(&schedule, gibibyte / 2 - gibibyte / 49, short: true, now: now + 10 * second)
        schedule.noticed(now: now + 10 * second + 1)
        #expect(schedule.due == now + 11 * second)
    }

    @Test("Changing the policy starts anew")
    func changes() {
        var schedule = StatsSchedule(.adaptive(shortest: second, longest: 4 * second), now: 0)
        for step in 0..<UInt64(9) { Self.sent(&schedule, 0, now: step) }
        #expect(schedule.period == 4 * second)
        schedule.set(.fixed(second), now: 100)
        #expect(schedule.due == 100 + second)
        schedule.set(.never, now: 200)
        #expect(schedule.due == nil)
        schedule.set(.adaptive(shortest: 0, longest: 0), now: .max)
        Self.sent(&schedule, .max, now: .max)
        schedule.noticed(now: .max)
        #expect(schedule.due == .max)
    }

    @Test("A balloon whose controller stays away is kept, or given back after a time")
    func controllerLoss() {
        var keeps = ControllerWatch(releaseAfter: nil)
        keeps.lost(now: 0)
        #expect(keeps.due == nil && !keeps.mustRelease(now: .max))

        var watch = ControllerWatch(releaseAfter: 30 * second)
        #expect(watch.remaining(now: 100 * second) == nil)
        watch.lost(now: second)
        watch.lost(now: 20 * second)
        #expect(watch.due == 31 * second)
        #expect(watch.remaining(now: 30 * second) == second)
        #expect(!watch.mustRelease(now: 31 * second - 1))
        #expect(watch.mustRelease(now: 31 * second))
        watch.connected()
        #expect(watch.due == nil)
        watch.lost(now: 40 * second)
        #expect(watch.due == 70 * second)
        watch.releaseAfter = .max
        #expect(!watch.mustRelease(now: 1 << 63))
    }
}
