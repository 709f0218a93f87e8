import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("Ages from generations")
struct AgeHistoryTests {
    /// Runs steps of memory, each used at an interval of its own, and returns what was measured and what is true
    /// at each aging: bytes within 60 s.
    private func run(
        _ plan: [(seconds: UInt64, pages: Int)], isFile: Bool, lateMilliseconds: [UInt64] = [0], until end: UInt64
    ) -> [(UInt64, UInt64)] {
        var model = GenerationModel()
        for step in plan { model.add(step.pages, isFile: isFile, isMapped: true, at: 0) }
        let schedule = AgingSchedule.usual
        var clock = AgingClock(schedule)
        var history = AgeHistory(edges: schedule.edges, lifetime: schedule.length * 2)
        var results: [(UInt64, UInt64)] = []
        for now in stride(from: second, through: end * second, by: Int(second)) {
            var from = 0
            for step in plan {
                if step.seconds > 0, now / second % step.seconds == 0 {
                    model.use(from..<from + step.pages, at: now)
                }
                from += step.pages
            }
            guard clock.isDue(now) else { continue }
            let aged = now + lateMilliseconds[clock.count % lateMilliseconds.count] * 1_000_000
            model.age(at: aged)
            clock.aged(now)
            let histogram = IdleHistogram(
                method: .mglru, confidence: .high, detail: "",
                buckets: history.join(AgeClass.of(model.vector(at: aged)), at: now), measuredAt: now)
            #expect(histogram.totalBytes == UInt64(plan.reduce(0) { $0 + $1.pages }) * 4096)
            results.append(
                (
                    histogram.workingSet(window: 60 * second), model.used(within: 60 * second, at: now, isFile: isFile)
                ))
        }
        return results
    }

    @Test(
        "Steps of memory: never less than what was used within the window, and right from 60 s on",
        arguments: [false, true])
    func steps(isFile: Bool) {
        let results = run([(1, 1000), (10, 2000), (40, 1500), (100, 3000), (0, 5000)], isFile: isFile, until: 600)
        for (measured, truth) in results { #expect(measured >= truth) }
        // The set that is used every 100 s is in the window now and then; the error is at most a fifth of a cycle old.
        for (measured, truth) in results.dropFirst(3) {
            #expect(measured <= truth + 3000 * 4096, "\(measured) \(truth)")
        }
        let mean = results.dropFirst(3).reduce(0.0) { $0 + Double($1.0) / Double($1.1) } / Double(results.count - 3)
        #expect(mean < 1.25)
    }

    @Test("Agings that are late by parts of a second measure all the same")
    func late() {
        // Everything once, and then a tenth only: what is seen may not depend on chance.
        let results = run(
            [(1, 1000), (0, 9000)], isFile: false, lateMilliseconds: [400, 0, 20, 700, 5, 90, 0], until: 600)
        for (measured, truth) in results.dropFirst(3) { #expect(measured == truth) }
        #expect(results.count > 12)
    }

    @Test("A working set that shrinks is seen to shrink, and one that grows grows at the next aging")
    func change() {
        var model = GenerationModel()
        model.add(10_000, isFile: false, isMapped: true, at: 0)
        let schedule = AgingSchedule.usual
        var clock = AgingClock(schedule)
        var history = AgeHistory(edges: schedule.edges, lifetime: schedule.length * 2)
        var measured: UInt64 = 0
        for now in stride(from: second, through: 900 * second, by: Int(second)) {
            // All for five minutes, then a tenth, then half.
            let hot = now < 300 * second ? 10_000 : now < 600 * second ? 1000 : 5000
            model.use(0..<hot, at: now)
            guard clock.isDue(now) else { continue }
            model.age(at: now)
            clock.aged(now)
            let buckets = history.join(AgeClass.of(model.vector(at: now)), at: now)
            let histogram = IdleHistogram(
                method: .mglru, confidence: .high, detail: "", buckets: buckets, measuredAt: now)
            measured = histogram.workingSet(window: 60 * second) / 4096
            switch now / second {
            case 100..<300: #expect(measured == 10_000)
            case 425..<600: #expect(measured == 1000)
            case 660..<900: #expect(measured == 5000)
            default: break
            }
        }
        #expect(measured == 5000)
    }

    @Test("Cache that is only read is dated by its flag, whatever generation it is in")
    func readCache() {
        var model = GenerationModel()
        model.add(2000, isFile: false, isMapped: true, at: 0)
        model.add(8000, isFile: true, isMapped: false, at: 0)
        let schedule = AgingSchedule.usual
        var clock = AgingClock(schedule)
        var history = AgeHistory(edges: schedule.edges, lifetime: schedule.length * 2)
        let count = UInt64(model.pages.count)
        let memory = PhysicalMemory(frames: [0..<count])
        var cache = CacheAges(starts: memory.sample(250, size: 8, seed: 5))
        for now in stride(from: second, through: 700 * second, by: Int(second)) {
            model.use(2000..<4000, at: now)
            if now / second % 30 == 0 { model.use(4000..<5000, at: now) }
            guard clock.isDue(now) else { continue }
            cache.observe(at: now) { start in (0..<8).map { model.flags(Int(start) + $0) } }
            model.age(at: now)
            clock.aged(now)
            var classes = AgeClass.of(model.vector(at: now))
            let files = classes.reduce(0) { $0 + $1.fileBytes }
            let taken = classes.takeFileBytes(cache.unmappedFileBytes(of: files))
            #expect(taken == [0: files])
            classes += cache.classes(node: 0, fileBytes: files, sharedBytes: 0)
            let histogram = IdleHistogram(
                method: .mglru, confidence: .high, detail: "", buckets: history.join(classes, at: now),
                measuredAt: now)
            guard now > 130 * second else { continue }
            let used =
                histogram.totalBytes - histogram.bytes(idleForAtLeast: 60 * second)
                - (2000 * 4096 - histogram.anonymousBytes(idleForAtLeast: 60 * second))
            // 3,000 pages of 8,000, by 250 samples of 8.
            #expect(used > 2700 * 4096 && used < 3300 * 4096, "\(used / 4096) pages at \(now / second) s")
        }
    }

    @Test("Nodes are told apart, and memory of unknown age is a bucket of its own")
    func nodes() {
        var history = AgeHistory(edges: [10 * second], lifetime: 100 * second)
        let buckets = history.join(
            [
                AgeClass(node: 0, minimumIdle: 0, maximumIdle: 5 * second, anonymousBytes: 1 << 30),
                AgeClass(node: 1, minimumIdle: 20 * second, maximumIdle: nil, fileBytes: 2 << 30),
            ], undated: [AgeClass(node: 1, minimumIdle: 0, maximumIdle: 0, fileBytes: 7)], at: 1000 * second)
        #expect(
            buckets == [
                IdleBucket(minimumIdle: 0, maximumIdle: 10 * second, anonymousBytes: 1 << 30, node: 0),
                IdleBucket(minimumIdle: 10 * second, maximumIdle: nil, fileBytes: 2 << 30, node: 1),
                IdleBucket(minimumIdle: 0, maximumIdle: nil, fileBytes: 7, node: 1),
            ])
    }

    @Test("An old measurement fills in within the newest bounds only, and is forgotten")
    func fillsIn() {
        var history = AgeHistory(edges: [10 * second, 20 * second], lifetime: 100 * second)
        func file(_ idle: UInt64, _ most: UInt64?, _ mebibytes: UInt64) -> AgeClass {
            AgeClass(
                node: 0, minimumIdle: idle * second, maximumIdle: most.map { $0 * second }, fileBytes: mebibytes << 20)
        }
        func within(_ buckets: [IdleBucket], _ edge: UInt64) -> UInt64 {
            buckets.reduce(0) { $1.minimumIdle < edge * second ? $0 + $1.fileBytes >> 20 : $0 }
        }
        // Exact at both ages.
        let first = history.join([file(0, 10, 100), file(10, 20, 50), file(20, nil, 350)], at: 0)
        #expect(within(first, 10) == 100 && within(first, 20) == 150)
        // Exact at 20 only: between 0 and 180 within 10, and the old 100 lies there.
        let other = history.join([file(0, 20, 180), file(20, nil, 320)], at: 50 * second)
        #expect(within(other, 10) == 100 && within(other, 20) == 180)
        // Now at least 120 within 10.
        let third = history.join([file(0, 10, 120), file(5, 20, 60), file(20, nil, 320)], at: 60 * second)
        #expect(within(third, 10) == 120)
        // Too old: the upper bound counts.
        let fourth = history.join([file(0, 20, 180), file(20, nil, 320)], at: 101 * second)
        #expect(within(fourth, 10) == 180)
    }
}
