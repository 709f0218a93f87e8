import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("Gentle probing")
struct ProbePlanTests {
    private func inputs(
        _ now: UInt64, pressure: UInt32? = 0, inactive: UInt64 = 4 << 30, floor: UInt64 = 0, refaulted: UInt64 = 0
    ) -> ProbePlan.Inputs {
        var counters = RefaultCounters()
        counters.refaultedFile = refaulted
        return ProbePlan.Inputs(
            now: now * second, pressure: pressure, inactiveFileBytes: inactive, floorBytes: floor, counters: counters)
    }

    @Test("Where nothing comes back, steps grow up to their bound; the cache is likely cold")
    func grows() {
        var plan = ProbePlan()
        var steps: [UInt64] = []
        for now in 0..<3000 as Range<UInt64> {
            guard case .reclaim(let bytes) = plan.next(inputs(now)) else { continue }
            steps.append(bytes)
            plan.stepped(bytes: bytes, counters: RefaultCounters(), now: now * second)
        }
        #expect(steps.first == 1 << 20)
        #expect(steps == steps.sorted())
        #expect(steps.last == 64 << 20)
        #expect(plan.coldBytes(ofInactive: 1 << 30, now: 3000 * second) == 1 << 30)
        #expect(plan.coldBytes(ofInactive: 1 << 30, now: 9000 * second) == nil)
    }

    @Test("What comes back makes steps smaller and rarer")
    func shrinks() {
        var plan = ProbePlan()
        var refaulted: UInt64 = 0
        var steps: [UInt64] = []
        for now in 0..<20_000 as Range<UInt64> {
            guard case .reclaim(let bytes) = plan.next(inputs(now, refaulted: refaulted)) else { continue }
            steps.append(now)
            plan.stepped(bytes: bytes, counters: inputs(now, refaulted: refaulted).counters, now: now * second)
            // Half of it is read again at once.
            refaulted += bytes / 8192
        }
        #expect(plan.stepBytes == 1 << 20)
        #expect(plan.refaultedShare == 500)
        #expect(steps.count < 25)
        #expect((steps.last ?? 0) - (steps.dropLast().last ?? 0) >= 1200)
        #expect(plan.coldBytes(ofInactive: 1000, now: (steps.last ?? 0) * second) == 500)
    }

    @Test("Nothing is taken under pressure, nor without PSI, nor below the cache's floor")
    func gates() {
        var pressed = ProbePlan()
        #expect(pressed.next(inputs(5, pressure: 10)) == .wait(until: 65 * second))
        var blind = ProbePlan()
        #expect(blind.next(inputs(5, pressure: nil)) == .wait(until: 65 * second))
        var floor = ProbePlan()
        #expect(floor.next(inputs(5, inactive: 1 << 30, floor: 1 << 30)) == .wait(until: 65 * second))
        // 2 % of 40 MiB is less than the smallest step.
        var small = ProbePlan()
        #expect(small.next(inputs(5, inactive: 40 << 20)) == .wait(until: 65 * second))
    }

    @Test("A step that the kernel refuses is not tried again soon")
    func refused() {
        var plan = ProbePlan()
        #expect(plan.next(inputs(1)) == .reclaim(bytes: 1 << 20))
        plan.stepped(bytes: 0, counters: RefaultCounters(), now: second)
        #expect(plan.next(inputs(2)) == .wait(until: 1201 * second))
    }

    @Test("Whatever happens: steps within their bounds, never under pressure, never two at a time")
    func properties() {
        var dice = Dice(23)
        for _ in 0..<60 {
            var plan = ProbePlan()
            var now: UInt64 = 0
            var refaulted: UInt64 = dice.roll(1000)
            var lastStep: UInt64?
            for _ in 0..<300 {
                now += dice.roll(30)
                refaulted = dice.roll(50) == 0 ? 0 : refaulted + dice.roll(2000)
                let inactive = dice.roll(8 << 30)
                let floor = dice.roll(2) == 0 ? 0 : dice.roll(8 << 30)
                let pressure = UInt32(dice.roll(14))
                let inputs = inputs(now, pressure: pressure, inactive: inactive, floor: floor, refaulted: refaulted)
                switch plan.next(inputs) {
                case .wait(let until): #expect(until >= now * second)
                case .reclaim(let bytes):
                    #expect(bytes >= plan.bounds.smallestStep && bytes <= plan.bounds.largestStep)
                    #expect(bytes <= inactive / 50 && bytes <= inactive - min(floor, inactive))
                    #expect(pressure < plan.bounds.pressureLimit)
                    if let lastStep { #expect(now * second - lastStep >= plan.bounds.watch / 4) }
                    lastStep = now * second
                    plan.stepped(bytes: bytes, counters: inputs.counters, now: now * second)
                }
            }
        }
        var plan = ProbePlan()
        var extreme = inputs(0, inactive: .max, floor: 0, refaulted: .max)
        extreme.now = .max
        _ = plan.next(extreme)
        plan.stepped(bytes: .max, counters: RefaultCounters(), now: .max)
        _ = plan.next(extreme)
        #expect(plan.coldBytes(ofInactive: .max, now: .max) != nil)
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
