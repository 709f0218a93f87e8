import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte
private let second = DurationText.second

@Suite("Asks, other killers and what else the governor says")
struct GovernorAskTests {
    /// 2 GiB and two processors: the watermark is 102.4 MiB, the floor 360 MiB.
    private static func governor(_ policy: DeflateOnOom = .pressure, bootGrace: UInt64 = 0) -> Governor {
        Governor(
            configuration: GovernorConfiguration(
                memoryTotalBytes: 2048 * mebibyte, processors: 2, deflateOnOom: policy, bootGrace: bootGrace))
    }

    private static func sample(_ available: UInt64, held: UInt64 = 512, kills: UInt64 = 0) -> Sample {
        Sample(
            availableBytes: available * mebibyte, oomKills: kills, heldBytes: held * mebibyte, inFlightBytes: 0)
    }

    /// MiB; the host wants 1.5 of 2 GiB to stay.
    private static func inputs(
        _ available: UInt64, balloon: UInt64 = 512, target: UInt64? = 1536, device: UInt64 = 0
    ) -> AskInputs {
        AskInputs(
            availableBytes: available * mebibyte, balloonBytes: balloon * mebibyte,
            targetBytes: target.map { $0 * mebibyte }, vmBytes: target == nil ? nil : 2048 * mebibyte,
            deviceBytes: device * mebibyte)
    }

    @Test("A guest with enough memory asks for nothing, and one that lacks it does not ask for what nobody has")
    func nothing() {
        var governor = Self.governor()
        #expect(governor.ask(Self.inputs(400), now: 0) == nil)
        #expect(governor.ask(Self.inputs(340), now: second) == nil)
        #expect(governor.ask(Self.inputs(10, balloon: 0, target: 2048), now: 2 * second) == nil)
        #expect(governor.ask(Self.inputs(10, balloon: 0, target: nil), now: 3 * second) == nil)
        #expect(governor.nextAsk == nil)
        #expect(governor.askedBytes == 0)
    }

    @Test("Below the floor it asks, renews after half the time, and withdraws once it was calm for 5 s")
    func belowFloor() throws {
        var governor = Self.governor()
        let askSaid = governor.ask(Self.inputs(300), now: 0)
        let ask = try #require(askSaid)
        #expect(ask.bytes == 150 * mebibyte)
        #expect(ask.reason == .floor)
        #expect(!ask.urgent)
        #expect(ask.holdFor == 10 * second)
        #expect(ask.sequence == 1)
        #expect(ask.detail == "300 MiB available, and the guest's floor is 360 MiB")
        #expect(governor.nextAsk == 5 * second)
        #expect(governor.ask(Self.inputs(299), now: second) == nil)
        #expect(governor.ask(Self.inputs(300), now: 5 * second)?.sequence == 2)
        // Not yet content.
        #expect(governor.ask(Self.inputs(359), now: 6 * second) == nil)
        #expect(governor.ask(Self.inputs(500), now: 10 * second) == nil)
        let endSaid = governor.ask(Self.inputs(500), now: 11 * second)
        let end = try #require(endSaid)
        #expect(end.bytes == 0 && end.reason == .noReason && end.sequence == 3)
        #expect(governor.ask(Self.inputs(500), now: 12 * second) == nil)
        #expect(governor.steps.map(\.kind) == [.ask, .withdraw])
        #expect(governor.steps.first?.count == 2)
    }

    @Test("Once nothing is needed it is not to be asked before the ask is withdrawn, however soon it would be renewed")
    func noHurry() {
        var governor = Self.governor()
        #expect(governor.ask(Self.inputs(300), now: 0) != nil)
        #expect(governor.ask(Self.inputs(300), now: 4 * second) == nil)
        #expect(governor.nextAsk == 5 * second)
        #expect(governor.ask(Self.inputs(500), now: 9 * second / 2) == nil)
        #expect(governor.nextAsk == 9 * second)
        #expect(governor.ask(Self.inputs(500), now: 9 * second)?.bytes == 0)
        #expect(governor.nextAsk == nil)
    }

    @Test("More is asked for at most once a second, unless it becomes urgent")
    func rateLimit() throws {
        var governor = Self.governor()
        #expect(governor.ask(Self.inputs(330), now: 0) != nil)
        #expect(governor.ask(Self.inputs(200), now: second / 2) == nil)
        #expect(governor.ask(Self.inputs(200), now: second)?.bytes == 250 * mebibyte)
        let urgentSaid = governor.ask(Self.inputs(90), now: second + 1)
        let urgent = try #require(urgentSaid)
        #expect(urgent.urgent && urgent.reason == .watermark)
        #expect(governor.ask(Self.inputs(10), now: second + 2) == nil)
    }

    @Test("After a release it asks for what it had to take back, for as long as the hold-off lasts")
    func afterRelease() throws {
        var governor = Self.governor()
        _ = governor.observe(Self.sample(50), now: 0)
        let askSaid = governor.ask(Self.inputs(550, balloon: 0), now: 0)
        let ask = try #require(askSaid)
        #expect(ask.bytes == 512 * mebibyte && ask.urgent && ask.reason == .watermark)
        // The host raised the target: the ask is met, and ends when it was calm.
        #expect(governor.ask(Self.inputs(550, balloon: 0, target: 2048), now: second) == nil)
        #expect(governor.ask(Self.inputs(550, balloon: 0, target: 2048), now: 5 * second)?.bytes == 0)

        var killed = Self.governor(.off)
        _ = killed.observe(Self.sample(300), now: 0)
        _ = killed.observe(Self.sample(300, kills: 1), now: 0)
        let longSaid = killed.ask(Self.inputs(300), now: 0)
        let long = try #require(longSaid)
        #expect(long.urgent && long.reason == .oomKill && long.holdFor == 100 * second)
    }

    @Test("Without a target the ask is for all that was released while the trouble lasts")
    func afterSteps() throws {
        var governor = Self.governor()
        let event = PressureEvent(source: .workload, full: false)
        _ = governor.observe(event: event, sample: Self.sample(800), now: 0)
        _ = governor.observe(event: event, sample: Self.sample(800, held: 384), now: second)
        let said = governor.ask(Self.inputs(800, balloon: 128, target: nil, device: 1024), now: second)
        let ask = try #require(said)
        #expect(ask.bytes == 384 * mebibyte && ask.reason == .memoryPressure && !ask.urgent)
        #expect(
            ask.detail
                == "384 MiB of the balloon had to be released (memory-pressure); 800 MiB are available")
    }

    @Test("Growing demand is told before it reaches the watermark")
    func demand() {
        var governor = Self.governor()
        var available: UInt64 = 900
        var first: (at: UInt64, MemoryAsk)?
        for step in 0..<UInt64(40) where first == nil {
            if let ask = governor.ask(Self.inputs(available), now: step * second) { first = (available, ask) }
            available -= 40
        }
        #expect(first.map { (361...560).contains($0.at) } == true)
        #expect(first?.1.reason == .demand)
        #expect(first?.1.urgent == false)
    }

    @Test("Also a guest that the VMM's own device has shrunk asks, with an empty balloon and no target")
    func device() {
        var governor = Self.governor()
        #expect(governor.ask(Self.inputs(300, balloon: 0, target: nil, device: 1000), now: 0)?.bytes == 150 * mebibyte)
        #expect(
            AskInputs.deviceBytes(
                inflatedPages: 1000, deflatedPages: 200, vmBytes: nil, memoryTotalBytes: 0) == 800 * 4096)
        #expect(
            AskInputs.deviceBytes(
                inflatedPages: 0, deflatedPages: 0, vmBytes: 4096 * mebibyte, memoryTotalBytes: 2900 * mebibyte)
                == 1196 * mebibyte - 4096 * mebibyte / 20)
        #expect(
            AskInputs.deviceBytes(
                inflatedPages: nil, deflatedPages: nil, vmBytes: 2048 * mebibyte, memoryTotalBytes: 1930 * mebibyte)
                == 0)
    }

    @Test("Near another killer it yields in steps, close to it altogether, and it does not grow into its reach")
    func otherKillers() {
        var governor = Self.governor()
        // 10 % of memory; the margin is half of that.
        let earlyoom = OtherKiller(
            kind: .earlyoom, thresholdBytes: 204 * mebibyte, availableBytes: 1000 * mebibyte)
        governor.learn(killers: [earlyoom], availableBytes: 1000 * mebibyte)
        #expect(governor.killerBytes == 306 * mebibyte)
        // The next look comes before its reach can be entered: 4 GiB a second for 194 MiB.
        #expect(governor.nextLook(after: Self.sample(500)) == (194 * second).dividedReportingOverflow(by: 4096).0)
        #expect(governor.observe(Self.sample(306), now: 0) == .carryOn)
        guard case .release(let relief) = governor.observe(Self.sample(305), now: 0) else {
            Issue.record("did not yield")
            return
        }
        #expect(relief.bytes == 128 * mebibyte)
        #expect(
            relief.detail
                == "305 MiB available, and earlyoom ends programs soon: 306 MiB are kept from it; releasing 128 MiB of "
                + "512 MiB")
        #expect(governor.observe(Self.sample(255), now: 1) == .carryOn)
        guard case .releaseEverything(let emergency) = governor.observe(Self.sample(254), now: 2) else {
            Issue.record("did not yield")
            return
        }
        #expect(emergency.reason == .otherKiller && emergency.killer == .earlyoom)
        #expect(
            emergency.detail
                == "254 MiB available, and earlyoom ends programs below about 255 MiB; releasing all 512 MiB")

        var other = Self.governor(.oom)
        other.learn(killers: [earlyoom], availableBytes: 1000 * mebibyte)
        #expect(other.observe(Self.sample(256), now: 0) == .carryOn)
        #expect(other.observe(Self.sample(254), now: 0) != .carryOn)
        var off = Self.governor(.off)
        off.learn(killers: [earlyoom], availableBytes: 1000 * mebibyte)
        #expect(off.observe(Self.sample(10), now: 0) == .carryOn)
        off.learn(
            killers: [OtherKiller(kind: .kubelet, thresholdBytes: 600 << 20, availableBytes: 900 << 20)],
            availableBytes: 1000 * mebibyte)
        // The kubelet counts 100 MiB less: 600 and 300 of margin, and one chunk.
        let answer = off.answer(
            target: 0, vmBytes: 2048 * mebibyte, balloonBytes: 0,
            inputs: GovernorInputs(availableBytes: 1200 * mebibyte), now: 0)
        #expect(answer.reason == .otherKiller)
        #expect(answer.reachableBytes == (2048 - (1200 - 1032)) * mebibyte)
        #expect(answer.detail == "1.2 GiB available, and 1 GiB stay available so that the kubelet ends no program")
    }

    @Test("An announced kill gets everything, unless the policy is off")
    func announcedKill() {
        var governor = Self.governor(.oom)
        guard
            case .releaseEverything(let emergency) = governor.announcedKill(
                by: .systemdOomd, sample: Self.sample(900), now: 0)
        else {
            Issue.record("did not yield")
            return
        }
        #expect(emergency.reason == .otherKiller && emergency.killer == .systemdOomd && !emergency.again)
        #expect(governor.holdOffRemaining(now: 0) == 10 * second)
        var off = Self.governor(.off)
        #expect(off.announcedKill(by: .systemdOomd, sample: Self.sample(900), now: 0) == .carryOn)
    }

    @Test("A guest that has just booted is left alone for a minute")
    func bootGrace() {
        let governor = Self.governor(bootGrace: GovernorConfiguration.defaultBootGrace)
        let inputs = GovernorInputs(availableBytes: 1500 * mebibyte)
        guard case .refused(let refusal) = governor.mayInflate(wanted: 32 << 20, inputs: inputs, now: 45 * second)
        else {
            Issue.record("grew")
            return
        }
        #expect(refusal.reason == .bootGrace && refusal.retryAfter == 15 * second)
        #expect(refusal.detail == "the guest has just booted; no inflation for another 15 s")
        #expect(governor.bootGraceRemaining(now: 45 * second) == 15 * second)
        #expect(governor.mayInflate(wanted: 32 << 20, inputs: inputs, now: 60 * second) == .allowed(bytes: 32 << 20))
    }

    @Test("What is left of the administrator's hold is told")
    func hold() {
        var governor = Self.governor()
        #expect(governor.holdRemaining(now: 5) == 0)
        governor.hold(for: 10, now: 5)
        #expect(governor.holdRemaining(now: 6) == 9)
        governor.hold(for: .max, now: 6)
        #expect(governor.holdRemaining(now: 1 << 62) == .max)
        governor.hold(for: 0, now: 7)
        #expect(governor.holdRemaining(now: 7) == 0)
    }

    @Test("The last decisions are kept with their reasons, equal ones joined, no more than 64")
    func history() {
        var governor = Self.governor()
        let inputs = GovernorInputs(availableBytes: 1500 * mebibyte)
        for _ in 0..<3 { _ = governor.permit(wanted: 32 << 20, inputs: inputs, now: second) }
        let low = GovernorInputs(availableBytes: 361 * mebibyte)
        for _ in 0..<3 { _ = governor.permit(wanted: 32 << 20, inputs: low, now: second) }
        _ = governor.observe(Self.sample(50), now: 2 * second)
        #expect(
            governor.steps.map(\.detail) == [
                "took 96 MiB in 3 steps, with 1.5 GiB available", "did not grow (floor), with 361 MiB available",
                "released all 512 MiB (watermark), with 50 MiB available",
            ])
        #expect(governor.steps.map(\.count) == [3, 3, 1])
        for step in 0..<UInt64(100) {
            let which = step % 2 == 0 ? inputs : low
            _ = governor.permit(wanted: 32 << 20, inputs: which, now: (100 + step) * second)
        }
        #expect(governor.steps.count == 64)
        #expect(governor.steps.last?.at == 199 * second)
        #expect(zip(governor.steps, governor.steps.dropFirst()).allSatisfy { $0.at <= $1.at })
    }
}
