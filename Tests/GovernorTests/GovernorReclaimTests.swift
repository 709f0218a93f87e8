import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte
private let second = DurationText.second

@Suite("Reclaim and compaction before the balloon")
struct GovernorReclaimTests {
    private static func governor(_ change: (inout ReclaimRules) -> Void = { _ in }) -> Governor {
        var configuration = GovernorConfiguration(memoryTotalBytes: 2048 * mebibyte, processors: 2)
        configuration.reclaim.support = .swappiness
        change(&configuration.reclaim)
        return Governor(configuration: configuration)
    }

    /// MiB; a reserve of 50 MiB.
    private static func inputs(
        free: UInt64, inactive: UInt64, huge: UInt64? = nil, swap: UInt64 = 0, anonymous: UInt64 = 0
    ) -> GovernorInputs {
        let available = free + inactive - 50
        return GovernorInputs(
            availableBytes: available * mebibyte,
            memory: MemoryPicture(
                availableBytes: available * mebibyte, freeBytes: free * mebibyte,
                inactiveFileBytes: inactive * mebibyte, anonymousBytes: anonymous * mebibyte,
                swapTotalBytes: swap * mebibyte, swapFreeBytes: swap * mebibyte,
                hugeBlockBytes: huge.map { $0 * mebibyte }, highWatermarkBytes: 50 * mebibyte))
    }

    private static func pressed(_ governor: inout Governor, permille: UInt64) {
        let sample = Sample(availableBytes: 1 << 30, oomKills: 0, heldBytes: 0, inFlightBytes: 0)
        _ = governor.observe(pressure: PressureReading(system: Stall()), sample: sample, now: 0)
        _ = governor.observe(
            pressure: PressureReading(system: Stall(someMicroseconds: permille * 1000)), sample: sample, now: second)
    }

    private func plan(_ governor: inout Governor, _ inputs: GovernorInputs, now: UInt64 = second) -> String {
        switch governor.plan(wanted: 1024 * mebibyte, inputs: inputs, now: now)?.action {
        case .reclaim(let bytes, let swappiness): "\(bytes / mebibyte) \(swappiness.map { "\($0)" } ?? "-")"
        case .compact: "compact"
        case nil: "nothing"
        }
    }

    @Test("Idle page cache is reclaimed in bounded steps, one a second, and one at a time")
    func steps() {
        var governor = Self.governor()
        let inputs = Self.inputs(free: 100, inactive: 1500)
        #expect(plan(&governor, inputs) == "64 0")
        #expect(plan(&governor, inputs, now: 3 * second) == "nothing")
        governor.reclaimed(64 * mebibyte, now: 3 * second)
        #expect(plan(&governor, inputs, now: 3 * second) == "64 0")
        governor.reclaimed(64 * mebibyte, now: 3 * second + 1)
        #expect(plan(&governor, inputs, now: 3 * second + 2) == "nothing")
        #expect(plan(&governor, inputs, now: 4 * second) == "64 0")
        #expect(governor.reclaimedBytes == 128 * mebibyte)
        // An end that was never told counts after half a minute.
        #expect(plan(&governor, inputs, now: 33 * second) == "nothing")
        #expect(plan(&governor, inputs, now: 34 * second) == "64 0")
    }

    @Test("Nothing is reclaimed while enough is free, nothing is wanted, or the guest may not give anything")
    func noNeed() {
        var governor = Self.governor()
        #expect(plan(&governor, Self.inputs(free: 1200, inactive: 300)) == "nothing")
        #expect(governor.plan(wanted: 0, inputs: Self.inputs(free: 100, inactive: 1500), now: second) == nil)
        #expect(plan(&governor, Self.inputs(free: 100, inactive: 300)) == "nothing")
        governor.hold(for: second, now: second)
        #expect(plan(&governor, Self.inputs(free: 100, inactive: 1500)) == "nothing")
    }

    @Test(
        "Pressure gates it: begun below 1 %, stopped above 5 %",
        arguments: [(9, true, false), (10, false, false), (50, false, false), (51, false, true)]
            as [(
                UInt64, Bool, Bool
            )])
    func pressure(permille: UInt64, begins: Bool, stops: Bool) {
        var governor = Self.governor()
        Self.pressed(&governor, permille: permille)
        #expect((plan(&governor, Self.inputs(free: 100, inactive: 1500)) != "nothing") == begins)
        #expect(governor.reclaimMustStop(now: second) == stops)
    }

    @Test("What our own reclaim waits for does not stop it")
    func ownPressure() {
        var governor = Self.governor()
        let sample = Sample(availableBytes: 1 << 30, oomKills: 0, heldBytes: 0, inFlightBytes: 0)
        func read(_ milliseconds: UInt64, _ now: UInt64) {
            let reading = PressureReading(system: Stall(someMicroseconds: milliseconds * 1000))
            #expect(governor.observe(pressure: reading, sample: sample, now: now) == .carryOn)
        }
        read(0, 0)
        read(0, second)
        #expect(plan(&governor, Self.inputs(free: 100, inactive: 1500)) == "64 0")
        // It began and ended between two readings.
        governor.reclaimed(64 * mebibyte, now: second + 1)
        read(200, 2 * second)
        #expect(governor.pressure(now: 2 * second) == 0)
        // A fifth of the time is worth a pause, to see who it was.
        #expect(plan(&governor, Self.inputs(free: 100, inactive: 1500), now: 2 * second + 1) == "nothing")
        read(200, 4 * second)
        #expect(plan(&governor, Self.inputs(free: 100, inactive: 1500), now: 4 * second) == "64 0")
        read(400, 6 * second)
        #expect(!governor.reclaimMustStop(now: 6 * second))
        governor.reclaimed(64 * mebibyte, now: 7 * second)
        read(500, 7 * second + 1)
        #expect(governor.pressure(now: 7 * second + 1) == 0)
        read(500, 8 * second)
        read(560, 9 * second)
        #expect(governor.pressure(now: 9 * second) > 0)
    }

    @Test(
        "Anonymous memory is spared where the kernel can, and where it cannot nothing is reclaimed beside swap",
        arguments: [
            (.swappiness, 0, false, "64 0"), (.swappiness, 1000, false, "64 0"), (.bytes, 0, false, "64 -"),
            (.bytes, 1000, false, "nothing"), (.bytes, 1000, true, "64 -"), (.none, 0, false, "nothing"),
        ] as [(ReclaimRules.Support, UInt64, Bool, String)])
    func swap(support: ReclaimRules.Support, swap: UInt64, anonymous: Bool, expected: String) {
        var governor = Self.governor { ($0.support, $0.anonymous) = (support, anonymous) }
        #expect(plan(&governor, Self.inputs(free: 100, inactive: 1500, swap: swap)) == expected)
    }

    @Test("Idle anonymous memory goes to swap only where that is wanted, its age is known and swap is free")
    func anonymous() {
        let ages = IdleAges(
            buckets: [.init(minimumIdle: 90 * second, anonymousBytes: 400 * mebibyte)], method: .generations,
            confidence: .medium, measuredAt: 0)
        let inputs = Self.inputs(free: 600, inactive: 0, swap: 100, anonymous: 1000)
        var governor = Self.governor { $0.anonymous = true }
        #expect(plan(&governor, inputs) == "nothing")
        governor.learn(ages: ages)
        let before = governor.prices(inputs: inputs, now: second)
        #expect(before.lines.map(\.kind) == [.free])
        let tight = Self.inputs(free: 412, inactive: 50, swap: 100, anonymous: 1000)
        // 412 available, 362 free above the reserve, of which the floor leaves 52, and 50 more by swapping.
        #expect(
            governor.answer(
                target: 0, vmBytes: 2048 * mebibyte, balloonBytes: 0, inputs: tight, now: second
            ).reachableBytes == (2048 - 102) * mebibyte)
        var careful = Self.governor()
        careful.learn(ages: ages)
        #expect(
            careful.answer(
                target: 0, vmBytes: 2048 * mebibyte, balloonBytes: 0, inputs: tight, now: second
            ).reachableBytes == (2048 - 52) * mebibyte)
    }

    @Test("The balloon waits for what is being reclaimed, and takes what is free meanwhile")
    func reclaimComesFirst() {
        var governor = Self.governor()
        let none = governor.permit(
            wanted: 512 * mebibyte, inputs: Self.inputs(free: 55, inactive: 1500), now: second)
        guard case .refused(let refusal) = none else {
            Issue.record("took page cache")
            return
        }
        #expect(refusal.detail == "idle page cache is reclaimed first")
        let some = governor.permit(
            wanted: 512 * mebibyte, inputs: Self.inputs(free: 75, inactive: 1500), now: second)
        #expect(some == .allowed(bytes: 24 * mebibyte))
    }

    @Test("Steps that gain little make reclaim rest for a minute, and the balloon takes page cache itself meanwhile")
    func stuck() {
        var governor = Self.governor()
        let inputs = Self.inputs(free: 55, inactive: 1500)
        for step in 1...UInt64(3) {
            #expect(plan(&governor, inputs, now: step * second) == "64 0")
            governor.reclaimed(mebibyte, now: step * second)
        }
        #expect(plan(&governor, inputs, now: 62 * second) == "nothing")
        #expect(
            governor.mayInflate(wanted: 512 * mebibyte, inputs: inputs, now: 62 * second)
                == .allowed(bytes: 32 * mebibyte))
        #expect(plan(&governor, inputs, now: 63 * second) == "64 0")
    }

    @Test("Fragmented free memory is compacted: a minute apart, twice as long after each that gained little")
    func compaction() {
        var governor = Self.governor()
        let fragmented = Self.inputs(free: 1200, inactive: 300, huge: 30)
        #expect(plan(&governor, Self.inputs(free: 1200, inactive: 300, huge: 32)) == "nothing")
        #expect(plan(&governor, Self.inputs(free: 110, inactive: 0, huge: 0)) == "nothing")
        #expect(plan(&governor, fragmented) == "compact")
        governor.compacted(hugeBlockBytes: 31 * mebibyte, now: 2 * second)
        #expect(plan(&governor, fragmented, now: 121 * second) == "nothing")
        #expect(plan(&governor, fragmented, now: 122 * second) == "compact")
        governor.compacted(hugeBlockBytes: 300 * mebibyte, now: 123 * second)
        #expect(plan(&governor, fragmented, now: 182 * second) == "nothing")
        #expect(plan(&governor, fragmented, now: 183 * second) == "compact")
        #expect(governor.compactions == 2)
        var forbidden = Self.governor { $0.compaction = false }
        #expect(plan(&forbidden, fragmented) == "nothing")
    }

    @Test("Prices are what a target would be granted, cheapest first, and nothing while it would be refused")
    func prices() {
        var governor = Self.governor()
        let inputs = Self.inputs(free: 500, inactive: 900)
        governor.learn(
            ages: IdleAges(
                buckets: [
                    .init(minimumIdle: 0, fileBytes: 200 * mebibyte),
                    .init(minimumIdle: 60 * second, fileBytes: 300 * mebibyte, node: 1),
                    .init(minimumIdle: 3600 * second, fileBytes: 400 * mebibyte),
                ], method: .generations, confidence: .medium, measuredAt: 0))
        let prices = governor.prices(inputs: inputs, now: second)
        #expect(prices.reserveBytes == 50 * mebibyte)
        #expect(prices.lines.map(\.kind) == [.free, .cache, .cache])
        #expect(prices.lines.map { $0.bytes / mebibyte } == [450, 400, 140])
        #expect(prices.lines.map { $0.minimumIdle / second } == [0, 3600, 60])
        #expect(prices.lines.map(\.node) == [0, 0, 1])
        let answer = governor.answer(
            target: 0, vmBytes: 2048 * mebibyte, balloonBytes: 0, inputs: inputs, now: second)
        #expect(2048 * mebibyte - answer.reachableBytes <= prices.totalBytes)
        #expect(prices.totalBytes - (2048 * mebibyte - answer.reachableBytes) < 2 * mebibyte)
        governor.hold(for: .max, now: 0)
        #expect(governor.prices(inputs: inputs, now: second).lines.isEmpty)
    }

    @Test("Free memory is told by node, page cache of unknown age without one")
    func pricesByNode() {
        var inputs = Self.inputs(free: 450, inactive: 600)
        inputs.memory?.nodes = [
            .init(node: 0, freeBytes: 150 * mebibyte), .init(node: 1, freeBytes: 300 * mebibyte),
        ]
        let lines = Self.governor().prices(inputs: inputs, now: second).lines
        #expect(lines.map(\.node) == [0, 1, 0])
        #expect(lines.map { $0.bytes / mebibyte } == [133, 266, 240])
        #expect(lines.map(\.ageKnown) == [false, false, false])
    }
}
