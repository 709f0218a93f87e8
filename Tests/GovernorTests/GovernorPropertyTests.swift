import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte
private let second = DurationText.second

/// What a governor is told, by chance, and what it must never do whatever it is told.
@Suite("The governor under inputs by chance")
struct GovernorPropertyTests {
    private struct Run {
        var chance: SplitMix64
        var governor: Governor
        let total: UInt64
        var now: UInt64 = 0
        var kills: UInt64 = 0
        var held: UInt64 = 0
        var stall: UInt64 = 0
        var refaults: UInt64 = 0
        var swapped: UInt64 = 0
        /// When the balloon was released last, and until when it may not grow.
        var releasedAt: UInt64?
        var steppedAt: UInt64?
        var noGrowthBefore: UInt64 = 0
        var turns = 0
        var wasReleased = false
        /// The pressure that has been measured last is at or above the limit.
        var lastMeasured: (at: UInt64, some: UInt64)?

        init(seed: UInt64) {
            chance = SplitMix64(state: seed)
            total = UInt64.random(in: 256...16384, using: &chance) * mebibyte
            var configuration = GovernorConfiguration(
                memoryTotalBytes: total, processors: Int.random(in: 1...16, using: &chance),
                deflateOnOom: [.off, .oom, .pressure, .pressure][Int.random(in: 0...3, using: &chance)],
                bootGrace: Bool.random(using: &chance) ? 0 : 60 * second)
            configuration.reclaim.support = [.none, .bytes, .swappiness][Int.random(in: 0...2, using: &chance)]
            configuration.reclaim.anonymous = Bool.random(using: &chance)
            governor = Governor(configuration: configuration)
        }

        mutating func bytes(_ most: UInt64) -> UInt64 { UInt64.random(in: 0...max(most, 1), using: &chance) }

        mutating func picture(_ available: UInt64) -> MemoryPicture {
            refaults += UInt64.random(in: 0..<4, using: &chance) == 0 ? bytes(100_000) : bytes(20)
            swapped += UInt64.random(in: 0..<8, using: &chance) == 0 ? bytes(100_000) : bytes(20)
            let free = bytes(available)
            let active = bytes(available - min(available, free))
            let anonymous = bytes(total - min(total, held + available))
            return MemoryPicture(
                availableBytes: available, freeBytes: free, activeFileBytes: active,
                inactiveFileBytes: available - min(available, free + active), anonymousBytes: anonymous,
                swapTotalBytes: 1 << 30, swapFreeBytes: bytes(1 << 30),
                hugeBlockBytes: Bool.random(using: &chance) ? nil : bytes(free), highWatermarkBytes: total / 64,
                refaultFilePages: refaults, swappedInPages: swapped)
        }

        mutating func obey(_ decision: Decision, _ sample: Sample) {
            switch decision {
            case .carryOn: return
            case .release(let relief):
                #expect(governor.configuration.deflateOnOom == .pressure)
                #expect(relief.bytes > 0 && relief.bytes <= sample.heldBytes + sample.inFlightBytes)
                #expect(!relief.detail.isEmpty)
                if relief.reason != .refaults {
                    #expect(steppedAt.map { now - $0 >= second } ?? true, "two steps in a window")
                    steppedAt = now
                }
                held -= min(held, relief.bytes)
                noGrowthBefore = max(noGrowthBefore, now + 10 * second)
            case .releaseEverything(let emergency):
                #expect(governor.configuration.deflateOnOom != .off)
                #expect(!emergency.detail.isEmpty)
                held = 0
                noGrowthBefore = max(noGrowthBefore, now + (emergency.reason == .oomKill ? 100 : 10) * second)
            }
            wasReleased = true
            #expect(governor.holdOffRemaining(now: now) >= noGrowthBefore - now)
        }

        mutating func step() {
            let rest = total - min(total, held)
            let available = bytes(4) == 0 ? min(bytes(governor.watermark * 2), rest) : bytes(rest)
            if bytes(200) == 0 {
                kills += 1
                noGrowthBefore = max(noGrowthBefore, now + 100 * second)
            }
            let sample = Sample(availableBytes: available, oomKills: kills, heldBytes: held, inFlightBytes: 0)
            let decision = governor.observe(sample, now: now)
            if available < governor.watermark, held > 0, governor.configuration.deflateOnOom != .off {
                guard case .releaseEverything = decision else {
                    Issue.record("kept \(held) bytes below the watermark")
                    return
                }
            }
            obey(decision, sample)
            sense(available)
            grow(available)
            now += [second / 100, second / 10, second, 10 * second][Int(bytes(100) % 4)]
        }

        private mutating func sense(_ available: UInt64) {
            func sample(_ run: Run) -> Sample {
                Sample(availableBytes: available, oomKills: nil, heldBytes: run.held, inFlightBytes: 0)
            }
            if bytes(3) == 0 { stall += bytes(400_000) }
            let reading = PressureReading(system: Stall(someMicroseconds: stall, fullMicroseconds: stall / 2))
            obey(governor.observe(pressure: reading, sample: sample(self), now: now), sample(self))
            let picture = picture(available)
            obey(governor.observe(memory: picture, sample: sample(self), now: now), sample(self))
            if bytes(50) == 0 {
                let event = PressureEvent(source: bytes(1) == 0 ? .system : .workload, full: bytes(1) == 0)
                obey(governor.observe(event: event, sample: sample(self), now: now), sample(self))
            }
            if bytes(20) == 0 {
                governor.learn(
                    ages: IdleAges(
                        buckets: [
                            .init(minimumIdle: bytes(200) * second, fileBytes: bytes(total)),
                            .init(minimumIdle: 0, anonymousBytes: bytes(total), fileBytes: bytes(total)),
                        ], method: .generations, confidence: .medium, measuredAt: now))
            }
            if bytes(50) == 0 {
                let killer = OtherKiller(kind: .earlyoom, thresholdBytes: bytes(total / 8), availableBytes: available)
                governor.learn(killers: bytes(1) == 0 ? [killer] : [], availableBytes: available)
            }
        }

        private mutating func grow(_ available: UInt64) {
            let picture = picture(available)
            let unpopulated = bytes(3) * 32 * mebibyte
            let inputs = GovernorInputs(
                availableBytes: available, unpopulatedBytes: unpopulated, memory: bytes(3) == 0 ? nil : picture)
            let pressure = governor.pressure(now: now)
            let answer = governor.answer(
                target: 0, vmBytes: total, balloonBytes: held, inputs: inputs, now: now)
            let prices = governor.prices(inputs: inputs, now: now)
            #expect(prices.totalBytes < total - min(total, answer.reachableBytes + held) + ByteSize.hugePage)
            if answer.outcome == .refused { #expect(prices.lines.isEmpty) }
            if let plan = governor.plan(wanted: total, inputs: inputs, now: now) {
                #expect(pressure < 100, "reclaimed under pressure")
                #expect(now >= noGrowthBefore)
                if case .reclaim(let bytes, _) = plan.action {
                    #expect(bytes <= max(total / 32, ByteSize.hugePage) && bytes <= ByteSize.gibibyte)
                }
                governor.reclaimed(bytes(1 << 26), now: now)
            }
            let permission = governor.permit(wanted: total, inputs: inputs, now: now)
            _ = governor.ask(
                AskInputs(availableBytes: available, balloonBytes: held, targetBytes: total / 2, vmBytes: total),
                now: now)
            guard case .allowed(let bytes) = permission else { return }
            #expect(bytes > 0 && bytes % ByteSize.hugePage == 0 && bytes <= governor.configuration.chunkBytes)
            #expect(available >= unpopulated + bytes + governor.floor, "below the floor")
            #expect(available >= unpopulated + bytes + governor.killerBytes, "into another killer's reach")
            if inputs.memory != nil {
                #expect(
                    available >= unpopulated + bytes + governor.watermark, "into page cache that is not for sale")
            }
            #expect(pressure < governor.configuration.pressure.inflateSome, "grew under pressure")
            #expect(now >= noGrowthBefore, "grew during a hold-off")
            #expect(now >= governor.configuration.bootGrace, "grew during boot grace")
            #expect(answer.outcome != .refused)
            held += bytes
            if wasReleased { turns += 1 }
            wasReleased = false
        }
    }

    @Test("No sequence of inputs makes it break its word", arguments: 0..<16)
    func invariants(seed: UInt64) {
        var run = Run(seed: seed)
        for _ in 0..<1000 { run.step() }
        // Each turn from shrinking to growing costs at least one hold-off.
        #expect(UInt64(run.turns) <= run.now / (10 * second) + 1)
    }

    @Test("Numbers from outside never trap, whatever is called")
    func extremes() {
        let numbers: [UInt64] = [0, 1, ByteSize.hugePage, 1 << 40, 1 << 63, .max]
        for total in numbers {
            for number in numbers {
                var configuration = GovernorConfiguration(
                    memoryTotalBytes: total, processors: 1, chunkBytes: number, holdOff: number, bootGrace: number,
                    holders: Int(truncatingIfNeeded: number), inflateRate: number,
                    pressure: PressureRules(
                        window: number, inflateSome: UInt32(clamping: number), releaseSome: UInt32(clamping: number),
                        releaseFull: UInt32(clamping: number), thrashingPages: number, risingPages: number),
                    cache: CacheRules(
                        coldAge: number, agesValid: number, missWindow: number, leaveAlone: number,
                        unknownRate: number),
                    reclaim: ReclaimRules(
                        support: .swappiness, anonymous: true, calmSome: UInt32(clamping: number), abortSome: 0,
                        interval: number, compactionInterval: number),
                    ask: AskRules(hold: number, horizon: number, calm: number, interval: number))
                for policy in [DeflateOnOom.off, .oom, .pressure] {
                    configuration.deflateOnOom = policy
                    var governor = Governor(configuration: configuration)
                    for (index, other) in (numbers + numbers).enumerated() {
                        Self.callAll(&governor, number, other, now: index < 3 ? UInt64(index) : other)
                    }
                }
            }
        }
    }

    private static func callAll(_ governor: inout Governor, _ one: UInt64, _ two: UInt64, now: UInt64) {
        let sample = Sample(availableBytes: one, oomKills: two, heldBytes: two, inFlightBytes: one)
        let picture = MemoryPicture(
            availableBytes: two, freeBytes: one, activeFileBytes: two, inactiveFileBytes: one, anonymousBytes: two,
            swapTotalBytes: two, swapFreeBytes: one, hugeBlockBytes: 0, highWatermarkBytes: one,
            refaultFilePages: two, refaultAnonymousPages: one, swappedInPages: two,
            nodes: [.init(node: 0, freeBytes: two), .init(node: .max, freeBytes: one)])
        let inputs = GovernorInputs(availableBytes: two, unpopulatedBytes: 0, memory: picture)
        let stall = Stall(someMicroseconds: two, fullMicroseconds: one)
        _ = governor.observe(sample, now: now)
        _ = governor.observe(pressure: PressureReading(system: stall), sample: sample, now: now)
        _ = governor.observe(
            pressure: PressureReading(system: stall, own: stall, workload: stall), sample: sample, now: now)
        _ = governor.observe(event: PressureEvent(source: .workload, full: true), sample: sample, now: now)
        _ = governor.observe(memory: picture, sample: sample, now: now)
        _ = governor.announcedKill(by: .kubelet, sample: sample, now: now)
        governor.learn(
            ages: IdleAges(
                buckets: [
                    .init(minimumIdle: two, anonymousBytes: two, fileBytes: one, unknownBytes: two),
                    .init(minimumIdle: .max, anonymousBytes: two, fileBytes: two),
                ], method: .statistics, confidence: .high, measuredAt: two))
        governor.learn(
            killers: [OtherKiller(kind: .other, thresholdBytes: one, availableBytes: two, marginBytes: two)],
            availableBytes: one)
        governor.learn(killers: [], availableBytes: one)
        for time in [now, two] {
            _ = governor.plan(wanted: two, inputs: inputs, now: time)
            governor.reclaimed(two, now: time)
            governor.compacted(hugeBlockBytes: two, now: time)
            _ = governor.permit(wanted: two, inputs: inputs, now: time)
            _ = governor.permit(wanted: one, inputs: GovernorInputs(availableBytes: .max), now: time)
            _ = governor.prices(inputs: inputs, now: time)
            _ = governor.answer(target: one, vmBytes: two, balloonBytes: 0, inputs: inputs, now: time)
            _ = governor.ask(
                AskInputs(availableBytes: one, balloonBytes: two, targetBytes: one, vmBytes: two, deviceBytes: one),
                now: time)
            _ = governor.nextSense(after: sample, now: time)
            _ = governor.cacheFloorBytes(now: time)
            _ = governor.floorRaisedBytes(now: time)
            _ = governor.stepRate(now: time)
            _ = governor.isShort(availableBytes: two, now: time)
            _ = governor.reclaimMustStop(now: time)
            governor.hold(for: two, now: time)
            _ = governor.holdRemaining(now: time)
        }
        governor.endHold()
        governor.populating(now: two)
        _ = governor.nextAsk
        _ = governor.steps.map(\.detail)
    }
}
