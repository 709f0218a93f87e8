import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte
private let second = DurationText.second

@Suite("Page cache")
struct GovernorCacheTests {
    /// 2 GiB and two processors: the watermark is 102.4 MiB, the floor 360 MiB, the cushion 134.4 MiB.
    private static func governor(_ change: (inout GovernorConfiguration) -> Void = { _ in }) -> Governor {
        var configuration = GovernorConfiguration(memoryTotalBytes: 2048 * mebibyte, processors: 2)
        change(&configuration)
        return Governor(configuration: configuration)
    }

    /// MiB; a reserve of 50 MiB.
    private static func inputs(
        _ available: UInt64, free: UInt64, active: UInt64, inactive: UInt64, anonymous: UInt64 = 0, swap: UInt64 = 0
    ) -> GovernorInputs {
        GovernorInputs(
            availableBytes: available * mebibyte,
            memory: MemoryPicture(
                availableBytes: available * mebibyte, freeBytes: free * mebibyte, activeFileBytes: active * mebibyte,
                inactiveFileBytes: inactive * mebibyte, anonymousBytes: anonymous * mebibyte,
                swapTotalBytes: swap * mebibyte, swapFreeBytes: swap * mebibyte, highWatermarkBytes: 50 * mebibyte))
    }

    private static func ages(
        hot: UInt64, cold: UInt64, colder: UInt64 = 0, anonymous: UInt64 = 0, unknown: UInt64 = 0,
        confidence: IdleAges.Confidence = .high, at: UInt64 = 0
    ) -> IdleAges {
        IdleAges(
            buckets: [
                .init(minimumIdle: 0, fileBytes: hot * mebibyte),
                .init(
                    minimumIdle: 60 * second, anonymousBytes: anonymous * mebibyte, fileBytes: cold * mebibyte,
                    unknownBytes: unknown * mebibyte),
                .init(minimumIdle: 600 * second, fileBytes: colder * mebibyte),
            ], method: .generations, confidence: confidence, measuredAt: at)
    }

    private func reach(_ governor: Governor, _ inputs: GovernorInputs, now: UInt64 = 0) -> (UInt64, Reason) {
        let answer = governor.answer(
            target: 0, vmBytes: 2048 * mebibyte, balloonBytes: 0, inputs: inputs, now: now)
        return (2048 - answer.reachableBytes / mebibyte, answer.reason)
    }

    @Test("Without ages the active list is not for sale, and the floor must be met without it")
    func activeList() {
        let (bytes, reason) = reach(
            Self.governor(), Self.inputs(1600, free: 400, active: 700, inactive: 550))
        #expect(bytes == 1600 - 700 - 360)
        #expect(reason == .cacheFloor)
        // Too little cache to matter: the floor alone decides.
        let (other, why) = reach(Self.governor(), Self.inputs(1600, free: 1600, active: 0, inactive: 50))
        #expect(other == 1600 - 360)
        #expect(why == .floor)
    }

    @Test("With ages all that was used within 60 s is not for sale, and a margin must stay beside it")
    func measuredAges() {
        var governor = Self.governor()
        governor.learn(ages: Self.ages(hot: 400, cold: 500, colder: 350))
        let inputs = Self.inputs(1600, free: 400, active: 700, inactive: 550)
        let (bytes, reason) = reach(governor, inputs)
        #expect(bytes == 1600 - 400 - 134 - 2)
        #expect(reason == .cacheFloor)
        let answer = governor.answer(target: 0, vmBytes: 2048 * mebibyte, balloonBytes: 0, inputs: inputs, now: 0)
        #expect(
            answer.detail
                == "1.6 GiB available, of which 400 MiB are page cache in use, and 134.4 MiB must stay available "
                + "beside it")
        // Pages that came since the measurement count as used.
        #expect(reach(governor, Self.inputs(1600, free: 300, active: 800, inactive: 550)).0 == 1600 - 500 - 134 - 2)
        // Three minutes later, or with little confidence, the lists decide again.
        #expect(reach(governor, inputs, now: 181 * second).0 == 1600 - 700 - 360)
        governor.learn(ages: Self.ages(hot: 400, cold: 500, confidence: .low))
        #expect(reach(governor, inputs).0 == 1600 - 700 - 360)
    }

    @Test("Idle memory whose kind is not known counts as page cache only beyond all that it may be instead")
    func unknownKind() {
        var governor = Self.governor()
        governor.learn(ages: Self.ages(hot: 0, cold: 0, unknown: 1000))
        let inputs = Self.inputs(1600, free: 400, active: 700, inactive: 550, anonymous: 200)
        #expect(reach(governor, inputs).0 == 1600 - (1250 - 400) - 134 - 2)
    }

    @Test("Free memory goes at once; page cache of unknown age a thirty-second part of memory a second")
    func unknownRate() {
        var governor = Self.governor()
        // 360 of it must stay: 1040 can go, 350 of it free.
        var free: UInt64 = 400
        var inactive: UInt64 = 1050
        var taken: [UInt64] = []
        for tick in 0..<UInt64(500) {
            let inputs = Self.inputs(free + inactive - 50, free: free, active: 0, inactive: inactive)
            if case .allowed(let bytes) = governor.permit(
                wanted: 2048 * mebibyte, inputs: inputs, now: tick * second / 100)
            {
                let step = bytes / mebibyte
                let fromFree = min(step, free - min(free, 50))
                free -= fromFree
                inactive -= step - fromFree
                taken.append(step)
                if tick == 11 { #expect(taken.reduce(0, +) >= 350) }
            }
        }
        let total = taken.reduce(0, +)
        #expect((350 + 4 * 64...350 + 6 * 64).contains(total))
        #expect(taken.allSatisfy { $0 >= 8 })
    }

    @Test("What is known to be cold is taken faster, and never more than was measured")
    func coldRate() {
        var governor = Self.governor()
        governor.learn(ages: Self.ages(hot: 600, cold: 300))
        var free: UInt64 = 250
        var file: UInt64 = 900
        var total: UInt64 = 0
        for tick in 0..<UInt64(1000) {
            let inputs = Self.inputs(free + file - 50, free: free, active: file / 2, inactive: file - file / 2)
            if case .allowed(let bytes) = governor.permit(
                wanted: 2048 * mebibyte, inputs: inputs, now: tick * second / 100)
            {
                let step = bytes / mebibyte
                total += step
                let fromFree = min(step, free - min(free, 50))
                free -= fromFree
                file -= step - fromFree
            }
        }
        // 200 free above the reserve and 300 cold, of which 134.4 stay beside what is in use.
        #expect(total == 364)
        #expect(file >= 600)
    }

    /// Takes 256 MiB of page cache in two seconds, and lets `back` MiB of it come back.
    private static func missed(
        _ governor: inout Governor, back: UInt64, now start: UInt64 = 0
    ) -> Decision {
        let inputs = Self.inputs(1600, free: 50, active: 0, inactive: 1550)
        let held = Sample(availableBytes: 1600 * mebibyte, oomKills: 0, heldBytes: 512 * mebibyte, inFlightBytes: 0)
        var picture = inputs.memory ?? MemoryPicture(availableBytes: 0, freeBytes: 0)
        _ = governor.observe(memory: picture, sample: held, now: start)
        _ = governor.observe(memory: picture, sample: held, now: start + second)
        var taken: UInt64 = 0
        var now = start + second
        while taken < 256 * mebibyte, now < start + 30 * second {
            if case .allowed(let bytes) = governor.permit(wanted: 32 * mebibyte, inputs: inputs, now: now) {
                taken += bytes
            }
            now += second / 10
        }
        picture.refaultFilePages += back * 256
        return governor.observe(memory: picture, sample: held, now: now)
    }

    @Test("What comes back is given back four times over, and left alone for ten minutes, then tried gently")
    func misses() {
        var governor = Self.governor()
        let decision = Self.missed(&governor, back: 20)
        guard case .release(let relief) = decision else {
            Issue.record("nothing was given back")
            return
        }
        #expect(relief.reason == .refaults)
        #expect(relief.bytes == 80 * mebibyte)
        #expect(
            relief.detail
                == "20 MiB of the page cache that was taken came back, and 16 MiB is the limit; releasing 80 MiB of "
                + "512 MiB")
        let raised = [10, 600, 620, 680, 740, 1300].map { governor.floorRaisedBytes(now: $0 * second) / mebibyte }
        #expect(raised == [80, 80, 40, 20, 10, 0])
        #expect(governor.cacheFloorBytes(now: 10 * second) == 80 * mebibyte)
        #expect(governor.steps.contains { $0.kind == .protect && $0.bytes == 80 * mebibyte })
    }

    @Test("What came back while no age was known is left alone only until ages are measured, which know it as used")
    func missesWithoutAges() {
        var governor = Self.governor()
        _ = Self.missed(&governor, back: 20)
        #expect(governor.floorRaisedBytes(now: 20 * second) == 80 * mebibyte)
        // Measured before it came back, it says nothing of it.
        governor.learn(ages: Self.ages(hot: 0, cold: 1550, at: second))
        #expect(governor.floorRaisedBytes(now: 20 * second) == 80 * mebibyte)
        governor.learn(ages: Self.ages(hot: 20, cold: 1530, at: 20 * second))
        #expect(governor.floorRaisedBytes(now: 20 * second) == 0)
        #expect(governor.cacheFloorBytes(now: 20 * second) == 20 * mebibyte)
        // What comes back although it was measured as idle speaks against the measuring.
        _ = Self.missed(&governor, back: 30, now: 30 * second)
        governor.learn(ages: Self.ages(hot: 50, cold: 1500, at: 70 * second))
        #expect(governor.floorRaisedBytes(now: 70 * second) > 0)
    }

    @Test("A few pages that come back are no miss; with other policies a miss is only left alone")
    func missPolicies() {
        var governor = Self.governor()
        #expect(Self.missed(&governor, back: 15) == .carryOn)
        #expect(governor.floorRaisedBytes(now: 10 * second) == 0)
        var other = Self.governor { $0.deflateOnOom = .oom }
        #expect(Self.missed(&other, back: 200) == .carryOn)
        #expect(other.floorRaisedBytes(now: 10 * second) == 256 * mebibyte)
    }

    @Test("The picture that a step was permitted on stands in for the next steps")
    func permittedPicture() {
        var governor = Self.governor()
        let whole = Self.inputs(1600, free: 82, active: 0, inactive: 1500)
        #expect(governor.permit(wanted: 32 * mebibyte, inputs: whole, now: second) == .allowed(bytes: 32 * mebibyte))
        // All that was free is taken now, so this one is page cache, and the next has to wait for its rate.
        let next = GovernorInputs(availableBytes: 1568 * mebibyte)
        #expect(governor.permit(wanted: 32 * mebibyte, inputs: next, now: second) == .allowed(bytes: 32 * mebibyte))
        guard case .refused(let refusal) = governor.permit(wanted: 32 * mebibyte, inputs: next, now: second) else {
            Issue.record("was not slowed")
            return
        }
        #expect(refusal.reason == .cacheFloor && refusal.retryAfter == second / 2)
        #expect(refusal.detail == "page cache of unknown age is taken at 64 MiB a second")
    }

    @Test("A picture taken before stands in for one that was not, corrected by what MemAvailable lost")
    func rememberedPicture() {
        var governor = Self.governor()
        let inputs = Self.inputs(1600, free: 400, active: 700, inactive: 550)
        if let memory = inputs.memory {
            _ = governor.observe(
                memory: memory,
                sample: Sample(availableBytes: 0, oomKills: nil, heldBytes: 0, inFlightBytes: 0), now: 0)
        }
        let (bytes, reason) = reach(governor, GovernorInputs(availableBytes: 1500 * mebibyte), now: second)
        #expect(bytes == 1500 - 700 - 360)
        #expect(reason == .cacheFloor)
    }
}
