import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte
private let second = DurationText.second

@Suite("When the balloon yields")
struct GovernorYieldTests {
    /// 2 GiB and two processors: the watermark is 102.4 MiB, the floor 360 MiB.
    private static func governor(_ policy: DeflateOnOom = .oom) -> Governor {
        Governor(
            configuration: GovernorConfiguration(
                memoryTotalBytes: 2048 * mebibyte, processors: 2, deflateOnOom: policy))
    }

    private static func sample(
        _ available: UInt64, kills: UInt64? = 0, held: UInt64 = 512 * mebibyte, inFlight: UInt64 = 0
    ) -> Sample {
        Sample(availableBytes: available, oomKills: kills, heldBytes: held, inFlightBytes: inFlight)
    }

    private static func plenty(_ available: UInt64 = 1024) -> GovernorInputs {
        GovernorInputs(availableBytes: available * mebibyte)
    }

    private func reason(_ permission: Permission) -> Reason? {
        guard case .refused(let refusal) = permission else { return nil }
        return refusal.reason
    }

    @Test("Below the watermark everything is released, at the watermark nothing")
    func watermarkIsExact() {
        var governor = Self.governor()
        let watermark = governor.watermark
        #expect(governor.observe(Self.sample(watermark), now: 0) == .carryOn)
        guard case .releaseEverything(let emergency) = governor.observe(Self.sample(watermark - 1), now: 1) else {
            Issue.record("nothing was released")
            return
        }
        #expect(emergency.reason == .watermark)
        #expect(!emergency.again)
        #expect(emergency.balloonBytes == 512 * mebibyte)
        #expect(
            emergency.detail == "102.4 MiB available, below the watermark of 102.4 MiB; releasing all 512 MiB")
    }

    @Test("What is in flight counts as balloon")
    func inFlightIsReleased() {
        var governor = Self.governor()
        let decision = governor.observe(Self.sample(0, held: 0, inFlight: 32 * mebibyte), now: 0)
        guard case .releaseEverything = decision else {
            Issue.record("nothing was released")
            return
        }
    }

    @Test("An empty balloon releases nothing and starts no hold-off below the watermark")
    func emptyBalloon() {
        var governor = Self.governor()
        #expect(governor.observe(Self.sample(0, held: 0), now: 0) == .carryOn)
        #expect(governor.holdOffRemaining(now: 0) == 0)
        #expect(governor.nextLook(after: Self.sample(0, held: 0)) == nil)
        #expect(governor.nextLook(after: Self.sample(0, held: 1)) == Watermark.shortestLook)
    }

    @Test("A distress that lasts is ordered again but counted once")
    func lastingDistress() {
        var governor = Self.governor()
        var again: [Bool] = []
        for (time, available) in [(0, 0), (1, 0), (2, 512), (3, 0)] as [(UInt64, UInt64)] {
            if case .releaseEverything(let emergency) = governor.observe(
                Self.sample(available * mebibyte), now: time * second)
            {
                again.append(emergency.again)
            }
        }
        #expect(again == [false, true, false])
    }

    @Test("An OOM kill releases everything; the first look only learns the count")
    func oomKill() {
        var governor = Self.governor()
        #expect(governor.observe(Self.sample(1024 * mebibyte, kills: 7), now: 0) == .carryOn)
        #expect(governor.observe(Self.sample(1024 * mebibyte, kills: nil), now: 1) == .carryOn)
        #expect(governor.observe(Self.sample(1024 * mebibyte, kills: 7), now: 2) == .carryOn)
        guard
            case .releaseEverything(let emergency) = governor.observe(
                Self.sample(1024 * mebibyte, kills: 9), now: 3)
        else {
            Issue.record("nothing was released")
            return
        }
        #expect(emergency.reason == .oomKill)
        #expect(emergency.oomKills == 2)
        #expect(emergency.detail == "2 OOM kills in the guest; releasing all 512 MiB")
        #expect(governor.observe(Self.sample(1024 * mebibyte, kills: 9), now: 4) == .carryOn)
        #expect(governor.observe(Self.sample(1024 * mebibyte, kills: 1), now: 5) == .carryOn)
    }

    @Test("Hold-off lasts 10 s after the watermark and 100 s after an OOM kill, to the nanosecond")
    func holdOffDurations() {
        var governor = Self.governor()
        _ = governor.observe(Self.sample(0), now: 5 * second)
        #expect(governor.holdOffRemaining(now: 5 * second) == 10 * second)
        #expect(
            governor.mayInflate(wanted: mebibyte * 32, inputs: Self.plenty(), now: 15 * second - 1)
                == .refused(
                    Refusal(
                        reason: .holdOff, detail: "no inflation for another 1 ns after a release below the watermark",
                        retryAfter: 1)))
        #expect(
            governor.mayInflate(wanted: mebibyte * 32, inputs: Self.plenty(), now: 15 * second)
                == .allowed(bytes: 32 * mebibyte))

        _ = governor.observe(Self.sample(1024 * mebibyte, kills: 1), now: 20 * second)
        // The watermark's shorter hold-off does not cut the long one.
        _ = governor.observe(Self.sample(0, kills: 1), now: 21 * second)
        #expect(governor.holdOffRemaining(now: 119 * second) == second)
        #expect(
            reason(governor.mayInflate(wanted: mebibyte * 32, inputs: Self.plenty(), now: 119 * second)) == .holdOff)
        #expect(reason(governor.mayInflate(wanted: mebibyte * 32, inputs: Self.plenty(), now: 120 * second)) == nil)
    }

    @Test("A watermark release while the long hold-off ends prolongs it")
    func holdOffIsProlonged() {
        var governor = Self.governor()
        _ = governor.observe(Self.sample(1024 * mebibyte), now: 0)
        _ = governor.observe(Self.sample(1024 * mebibyte, kills: 1), now: 0)
        _ = governor.observe(Self.sample(0, kills: 1), now: 95 * second)
        #expect(governor.holdOffRemaining(now: 100 * second) == 5 * second)
    }

    @Test("With the policy off nothing is released, but an OOM kill still holds inflation off")
    func policyOff() {
        var governor = Self.governor(.off)
        #expect(governor.observe(Self.sample(0), now: 0) == .carryOn)
        #expect(governor.holdOffRemaining(now: 0) == 0)
        #expect(governor.observe(Self.sample(0, kills: 3), now: 0) == .carryOn)
        #expect(governor.holdOffRemaining(now: 0) == 100 * second)
    }

    @Test("The policy may change at run time, and so may the numbers that follow from the configuration")
    func policyChanges() {
        var governor = Self.governor(.off)
        governor.configuration.deflateOnOom = .pressure
        guard case .releaseEverything = governor.observe(Self.sample(0), now: 0) else {
            Issue.record("nothing was released")
            return
        }
        governor.configuration.watermarkBytes = 200 * mebibyte
        #expect(governor.watermark == 200 * mebibyte)
        governor.configuration.floorBytes = 900 * mebibyte
        #expect(governor.floor == 900 * mebibyte)
    }

    @Test("The guest's administrator may forbid inflation for a while or for good")
    func administratorsHold() {
        var governor = Self.governor()
        governor.hold(for: 30 * second, now: second)
        #expect(
            governor.mayInflate(wanted: mebibyte * 32, inputs: Self.plenty(), now: 11 * second)
                == .refused(
                    Refusal(
                        reason: .hold, detail: "the guest's administrator forbade inflation for another 20 s",
                        retryAfter: 20 * second)))
        #expect(reason(governor.mayInflate(wanted: mebibyte * 32, inputs: Self.plenty(), now: 31 * second)) == nil)
        governor.hold(for: .max, now: second)
        guard
            case .refused(let refusal) = governor.mayInflate(
                wanted: mebibyte * 32, inputs: Self.plenty(), now: 1 << 62)
        else {
            Issue.record("inflation was allowed")
            return
        }
        #expect(refusal.retryAfter == nil)
        governor.endHold()
        #expect(reason(governor.mayInflate(wanted: mebibyte * 32, inputs: Self.plenty(), now: second)) == nil)
    }
}
