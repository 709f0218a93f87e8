import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("When generations are aged")
struct AgingScheduleTests {
    @Test("The usual cycle measures at 60 s, and at ages around it")
    func edges() {
        #expect(AgingSchedule.usual.edges.map { $0 / second } == [15, 45, 60, 75, 105])
        #expect(AgingSchedule.usual.length == 180 * second)
    }

    @Test("Intervals are bounded, and a cycle without any is one of a minute")
    func bounded() {
        #expect(AgingSchedule(seconds: [0, 1, .max]).intervals == [10 * second, 10 * second, 3600 * second])
        #expect(AgingSchedule(seconds: []).intervals == [60 * second])
    }

    @Test(
        "A cycle for a window measures at it after most agings",
        arguments: [0, 1, 10, 19, 20, 39, 40, 60, 61, 600, 3600, 99_999])
    func windows(seconds: UInt64) {
        let schedule = AgingSchedule(window: seconds * second)
        let window = min(max(seconds, 10), 3600) * second
        let intervals = schedule.intervals
        let measures = intervals.indices.count { index in
            let before = intervals[(index + intervals.count - 1) % intervals.count]
            return intervals[index] == window || intervals[index] + before == window
        }
        #expect(measures * 5 >= intervals.count * 4)
        #expect(intervals.allSatisfy { $0 >= AgingSchedule.minimumInterval && $0 <= window })
    }

    @Test("The first aging is due at once; the cycle repeats")
    func cycle() {
        var clock = AgingClock(AgingSchedule(seconds: [15, 45]))
        var at: [UInt64] = []
        for now in stride(from: 100 * second, through: 230 * second, by: Int(second)) where clock.isDue(now) {
            clock.aged(now)
            at.append(now / second)
        }
        #expect(at == [100, 115, 160, 175, 220])
    }

    @Test("However often it is asked, no two agings are closer than the bound")
    func neverFaster() {
        var dice = Dice(3)
        for _ in 0..<60 {
            let intervals = (0...dice.roll(6)).map { _ in dice.roll(90) }
            var clock = AgingClock(AgingSchedule(seconds: intervals))
            var now = dice.roll(1000 * second)
            var last: UInt64?
            for _ in 0..<150 {
                now += dice.roll(7 * second)
                guard clock.isDue(now) else { continue }
                if let last { #expect(now - last >= AgingSchedule.minimumInterval) }
                last = now
                clock.aged(now)
            }
        }
    }

    @Test("Generations that the kernel has just aged itself are left alone, and so are small and removed groups")
    func mayAge() {
        func vector(cgroup: UInt64 = 1, youngest: UInt64, bytes: UInt64) -> LRUVector {
            LRUVector(
                cgroup: cgroup, path: "/a", node: 0,
                generations: [
                    .init(sequence: 1, age: 90 * second, anonymousBytes: bytes, fileBytes: 0),
                    .init(sequence: 2, age: youngest, anonymousBytes: 0, fileBytes: 0),
                ])
        }
        #expect(AgingClock.mayAge(vector(youngest: 10 * second, bytes: 1 << 20)))
        #expect(!AgingClock.mayAge(vector(youngest: 10 * second - 1, bytes: 1 << 20)))
        #expect(!AgingClock.mayAge(vector(youngest: 60 * second, bytes: (1 << 20) - 1)))
        #expect(!AgingClock.mayAge(vector(cgroup: 0, youngest: 60 * second, bytes: 1 << 30)))
        #expect(!AgingClock.mayAge(LRUVector(cgroup: 1, path: "/", node: 0, generations: [])))
    }

    @Test("A clock that jumps to its end does not trap")
    func overflow() {
        var clock = AgingClock(.usual)
        clock.aged(.max - 1)
        #expect(!clock.isDue(0))
        #expect(clock.isDue(.max))
        clock.aged(.max)
        #expect(clock.due == .max)
    }
}
