import Testing
import Wire

@testable import Sensors

private let mebibyte: UInt64 = 1 << 20
private let minute: UInt64 = 60_000_000_000
private let memory: UInt64 = 4 << 30

/// Numbers that look random and are the same each time.
private struct Noise: RandomNumberGenerator {
    var state: UInt64 = 7
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 11
    }
}

@Suite("A watch for demand that only grows")
struct LeakWatchTests {
    /// Feeds a demand, in MiB by minute, of one cgroup and of the guest; returns every leak that was announced with its
    /// minute.
    private func run(
        _ watch: inout LeakWatch, minutes: Range<UInt64>, demand: (UInt64) -> UInt64
    ) -> [(minute: UInt64, leak: LeakWatch.Leak)] {
        var announced: [(UInt64, LeakWatch.Leak)] = []
        for time in minutes {
            let bytes = demand(time) * mebibyte
            let new = watch.note(
                cgroups: [("/app.service", bytes), ("/quiet.service", 50 * mebibyte)], guest: bytes + 300 * mebibyte,
                memory: memory, now: time * minute)
            announced += new.map { (time, $0) }
        }
        return announced
    }

    @Test("Steady growth is a leak of the cgroup and of the guest, announced once, with its rate")
    func leak() throws {
        var watch = LeakWatch()
        let announced = run(&watch, minutes: 0..<180) { 100 + $0 * 5 }
        #expect(announced.map(\.leak.cgroup) == ["", "/app.service"])
        // Not before the window is full; soon after.
        #expect(announced.allSatisfy { (60...70).contains($0.minute) })
        let leak = try #require(watch.leaks.last)
        #expect(leak.cgroup == "/app.service")
        #expect((280 * mebibyte...320 * mebibyte).contains(leak.grownBytes))
        #expect((299 * mebibyte...301 * mebibyte).contains(leak.bytesPerHour))
        #expect((56 * minute...64 * minute).contains(leak.window))
        #expect(watch.growth(ofCgroup: "/app.service") == leak.bytesPerHour)
        #expect(watch.growth(ofCgroup: "/quiet.service") == 0 && watch.growth(ofCgroup: "/other") == 0)
        #expect(watch.growth == leak.bytesPerHour)
        let told = TopSensor.leak(leak)
        #expect(told.cgroup == "/app.service" && told.bytesPerHour == leak.bytesPerHour)
        #expect(told.detail.contains("/app.service only grew, by"))
        #expect(TopSensor.report(CgroupConsumers(), watch).leaks.map(\.cgroup) == ["", "/app.service"])
    }

    @Test("A leak under noise is found")
    func noisyLeak() {
        var watch = LeakWatch()
        var noise = Noise()
        let announced = run(&watch, minutes: 0..<240) { 500 + $0 * 5 + UInt64.random(in: 0...60, using: &noise) }
        #expect(Set(announced.map(\.leak.cgroup)) == ["", "/app.service"])
    }

    @Test("A collector that frees again within minutes hides no leak below it")
    func leakUnderSawtooth() {
        var watch = LeakWatch()
        let announced = run(&watch, minutes: 0..<180) { 200 + $0 * 4 + $0 % 3 * 150 }
        #expect(announced.contains { $0.leak.cgroup == "/app.service" })
    }

    @Test("Growth that is given back now and then is no leak", arguments: [3, 10, 25, 45] as [UInt64])
    func sawtooth(period: UInt64) {
        var watch = LeakWatch()
        #expect(run(&watch, minutes: 0..<600) { 100 + $0 % period * 400 / period }.isEmpty)
    }

    @Test("Warming up and then staying is no leak", arguments: [10, 30, 50] as [UInt64])
    func warmUp(minutes: UInt64) {
        var watch = LeakWatch()
        #expect(run(&watch, minutes: 0..<300) { 100 + min($0, minutes) * 1000 / minutes }.isEmpty)
    }

    @Test("Warming up ever more slowly is no leak")
    func saturation() {
        var watch = LeakWatch()
        var level = 0.0
        let announced = run(&watch, minutes: 0..<300) { _ in
            level += (2000 - level) / 25
            return UInt64(level)
        }
        #expect(announced.isEmpty)
    }

    @Test("One step is no leak, nor are two")
    func steps() {
        var watch = LeakWatch()
        #expect(run(&watch, minutes: 0..<300) { $0 < 100 ? 100 : $0 < 130 ? 800 : 1500 }.isEmpty)
    }

    @Test("Noise around a level is no leak")
    func noise() {
        var watch = LeakWatch()
        var noise = Noise()
        #expect(run(&watch, minutes: 0..<1200) { _ in UInt64.random(in: 500...900, using: &noise) }.isEmpty)
    }

    @Test("Growth below 64 MiB and 2 % of memory is no leak")
    func small() {
        var watch = LeakWatch()
        // 80 MiB an hour: more than 64 MiB, less than 2 % of 4 GiB.
        #expect(run(&watch, minutes: 0..<300) { 100 + $0 * 4 / 3 }.isEmpty)
        var settings = LeakWatch.Settings()
        settings.minimumShare = 0
        watch = LeakWatch(settings)
        #expect(!run(&watch, minutes: 0..<300) { 100 + $0 * 4 / 3 }.isEmpty)
    }

    @Test("A plateau or a drop ends the suspicion, and new growth raises it anew")
    func endsAndReturns() {
        var watch = LeakWatch()
        _ = run(&watch, minutes: 0..<120) { 100 + $0 * 5 }
        #expect(watch.leaks.count == 2)
        _ = run(&watch, minutes: 120..<160) { _ in 700 }
        #expect(watch.leaks.isEmpty)
        let again = run(&watch, minutes: 160..<320) { 700 + ($0 - 160) * 5 }
        #expect(again.count == 2)
        _ = run(&watch, minutes: 320..<330) { _ in 200 }
        #expect(watch.leaks.isEmpty)
        watch.reset()
        #expect(watch.growth == 0 && watch.watched == 0)
    }

    @Test("A gap longer than a quarter of the window starts anew; a shorter one does not")
    func gaps() {
        var watch = LeakWatch()
        _ = run(&watch, minutes: 0..<50) { 100 + $0 * 5 }
        var announced = run(&watch, minutes: 58..<75) { 100 + $0 * 5 }
        #expect(!announced.isEmpty)
        announced = run(&watch, minutes: 200..<255) { 100 + $0 * 5 }
        #expect(announced.isEmpty && watch.leaks.isEmpty)
    }

    @Test("What the sensors saw is watched: the guest without our balloon, each consumer by its demand")
    func sensors() throws {
        let tree = try FixtureTree(KernelFixture.v6_1.files)
        let found = CgroupConsumers.read(tree.roots)
        var info = try MemoryInfo.read(tree.roots)
        var watch = LeakWatch()
        // The balloon alone grows.
        for time in 0..<UInt64(120) {
            let held = time * 5 * mebibyte
            info.anonymous += 5 * mebibyte
            #expect(watch.note(found, info, held: held, now: time * minute).isEmpty)
        }
        #expect(watch.watched == found.consumers.count && watch.growth == 0)
    }

    @Test("The window is configurable")
    func window() {
        var settings = LeakWatch.Settings()
        settings.window = 10 * minute
        var watch = LeakWatch(settings)
        #expect(watch.interval < 15_000_000_000)
        var announced: [LeakWatch.Leak] = []
        for second in stride(from: UInt64(0), to: 900, by: 10) {
            announced += watch.note(
                cgroups: [], guest: second * mebibyte, memory: memory, now: second * 1_000_000_000)
        }
        #expect(announced.map(\.cgroup) == [""])
        settings.window = 0
        #expect(LeakWatch(settings).settings.window == minute)
    }

    @Test("Memory stays bounded; cgroups that are gone are forgotten; the largest are kept")
    func bounded() {
        var settings = LeakWatch.Settings()
        settings.cgroups = 8
        var watch = LeakWatch(settings)
        for time in 0..<UInt64(30) {
            let groups = (0..<UInt64(100)).map { (path: "/g\(time)-\($0)", demandBytes: $0 * mebibyte) }
            _ = watch.note(cgroups: groups, guest: 0, memory: memory, now: time * minute)
            #expect(watch.watched <= 8)
        }
        _ = watch.note(cgroups: [], guest: 0, memory: memory, now: 60 * minute)
        #expect(watch.watched == 0)
    }

    @Test("Clocks that go back and the largest numbers never trap")
    func extremes() {
        var watch = LeakWatch()
        var noise = Noise()
        for _ in 0..<2000 {
            let time =
                [0, 1, minute, .max, .max - 1, UInt64.random(in: 0...(.max), using: &noise)].randomElement(
                    using: &noise) ?? 0
            let bytes =
                [0, 1, .max, .max / 2, UInt64.random(in: 0...(.max), using: &noise)].randomElement(using: &noise) ?? 0
            _ = watch.note(cgroups: [("/a", bytes), ("", bytes)], guest: bytes, memory: bytes, now: time)
            _ = (watch.leaks, watch.growth)
        }
        for step in 0..<UInt64(40) {
            _ = watch.note(
                cgroups: [("/a", step << 58)], guest: step << 58, memory: .max, now: .max - (40 - step) * minute * 5)
        }
        _ = watch.leaks
    }
}
