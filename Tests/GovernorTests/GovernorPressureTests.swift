import Governor
import Testing
import Wire

private let mebibyte = ByteSize.mebibyte
private let second = DurationText.second

@Suite("Memory pressure")
struct GovernorPressureTests {
    private static func governor(_ policy: DeflateOnOom = .pressure) -> Governor {
        Governor(
            configuration: GovernorConfiguration(
                memoryTotalBytes: 2048 * mebibyte, processors: 2, deflateOnOom: policy))
    }

    private static func sample(held: UInt64 = 1024, inFlight: UInt64 = 0) -> Sample {
        Sample(
            availableBytes: 800 * mebibyte, oomKills: 0, heldBytes: held * mebibyte, inFlightBytes: inFlight * mebibyte)
    }

    private static let inputs = GovernorInputs(availableBytes: 1500 * mebibyte)

    /// Totals in milliseconds.
    private static func reading(
        _ some: UInt64, full: UInt64 = 0, own: UInt64? = nil, workload: UInt64? = nil
    ) -> PressureReading {
        PressureReading(
            system: Stall(someMicroseconds: some * 1000, fullMicroseconds: full * 1000),
            own: own.map { Stall(someMicroseconds: $0 * 1000) },
            workload: workload.map { Stall(someMicroseconds: $0 * 1000) })
    }

    private func relief(_ decision: Decision) -> Relief? {
        guard case .release(let relief) = decision else { return nil }
        return relief
    }

    private func reason(_ permission: Permission) -> Reason? {
        guard case .refused(let refusal) = permission else { return nil }
        return refusal.reason
    }

    @Test(
        "The balloon yields from 15 % of some or 10 % of full over one window",
        arguments: [
            // milliseconds of some and full in a second, whether it yields
            (149, 0, false), (150, 0, true), (140, 99, false), (140, 100, true), (1000, 1000, true),
        ] as [(UInt64, UInt64, Bool)])
    func thresholds(some: UInt64, full: UInt64, yields: Bool) {
        var governor = Self.governor()
        #expect(governor.observe(pressure: Self.reading(500), sample: Self.sample(), now: 0) == .carryOn)
        let decision = governor.observe(
            pressure: Self.reading(500 + some, full: full), sample: Self.sample(), now: second)
        #expect((relief(decision) != nil) == yields)
        #expect(governor.pressure(now: second) == UInt32(some * 10))
    }

    @Test("One holder's share goes first, then twice as much each window while the pressure lasts")
    func doubling() {
        var governor = Self.governor()
        var held: UInt64 = 1024
        var released: [UInt64] = []
        var total: UInt64 = 0
        for step in 0..<UInt64(10) {
            let now = step * second
            let decision = governor.observe(
                pressure: Self.reading(total), sample: Self.sample(held: held), now: now)
            if let relief = relief(decision) {
                #expect(step <= 3)
                #expect(relief.reason == .memoryPressure)
                #expect(relief.balloonBytes == held * mebibyte)
                released.append(relief.bytes / mebibyte)
                held -= relief.bytes / mebibyte
            }
            total += 400
        }
        #expect(released == [256, 512, 256])
        #expect(governor.reliefs == 3)
        // Long after, it begins with a share again.
        _ = governor.observe(pressure: Self.reading(total), sample: Self.sample(), now: 100 * second)
        let again = governor.observe(
            pressure: Self.reading(total + 500), sample: Self.sample(), now: 101 * second)
        #expect(relief(again)?.bytes == 256 * mebibyte)
        #expect(
            relief(again)?.detail
                == "programs wait for memory 50 % of the time, and 15 % is the limit; releasing 256 MiB of 1 GiB")
    }

    @Test("What programs waited before a release is not held against what is left afterwards")
    func oldWindows() {
        var governor = Self.governor()
        _ = governor.observe(pressure: Self.reading(0), sample: Self.sample(), now: 0)
        #expect(relief(governor.observe(pressure: Self.reading(900), sample: Self.sample(), now: second)) != nil)
        #expect(governor.observe(pressure: Self.reading(900), sample: Self.sample(), now: 2 * second) == .carryOn)
        #expect(governor.pressure(now: 2 * second) == 0)
        // A release in the middle of a window begins another with the next reading.
        let event = PressureEvent(source: .system, full: false)
        #expect(relief(governor.observe(event: event, sample: Self.sample(), now: 3 * second)) != nil)
        #expect(governor.observe(pressure: Self.reading(1800), sample: Self.sample(), now: 4 * second) == .carryOn)
        #expect(governor.observe(pressure: Self.reading(1800), sample: Self.sample(), now: 5 * second) == .carryOn)
        #expect(governor.pressure(now: 5 * second) == 0)
    }

    @Test("Only the policy pressure yields to pressure; every policy stops to grow", arguments: [0, 1, 2])
    func policies(index: Int) {
        let policy = [DeflateOnOom.off, .oom, .pressure][index]
        var governor = Self.governor(policy)
        _ = governor.observe(pressure: Self.reading(0), sample: Self.sample(), now: 0)
        let decision = governor.observe(pressure: Self.reading(300), sample: Self.sample(), now: second)
        #expect((relief(decision) != nil) == (policy == .pressure))
        let event = PressureEvent(source: .system, full: true)
        let other = governor.observe(event: event, sample: Self.sample(), now: 5 * second)
        #expect((relief(other) != nil) == (policy == .pressure))
        #expect(
            reason(governor.mayInflate(wanted: 32 * mebibyte, inputs: Self.inputs, now: 5 * second)) == .memoryPressure)
        #expect(governor.stepRate(now: 5 * second) == 0)
    }

    @Test("A trigger makes it yield at once, but not twice in a window, and not while we populate")
    func events() {
        var governor = Self.governor()
        let system = PressureEvent(source: .system, full: false)
        let workload = PressureEvent(source: .workload, full: false)
        #expect(governor.observe(event: system, sample: Self.sample(inFlight: 32), now: second) == .carryOn)
        #expect(governor.observe(event: system, sample: Self.sample(), now: 2 * second - 1) == .carryOn)
        #expect(relief(governor.observe(event: workload, sample: Self.sample(), now: 2 * second - 1)) != nil)
        #expect(governor.observe(event: system, sample: Self.sample(), now: 2 * second) == .carryOn)
        // The kernel reports once a window: what it reports now may have been measured while we populated.
        #expect(governor.observe(event: system, sample: Self.sample(), now: 3 * second) == .carryOn)
        let later = 3 * second + second / 10
        #expect(relief(governor.observe(event: system, sample: Self.sample(), now: later))?.doublings == 1)
    }

    @Test("What is offered to the host makes nobody wait: pressure counts meanwhile")
    func offered() {
        var governor = Self.governor()
        let sample = Sample(
            availableBytes: 1024 * mebibyte, oomKills: nil, heldBytes: 512 * mebibyte, inFlightBytes: 128 * mebibyte,
            populatingBytes: 0)
        #expect(governor.observe(pressure: Self.reading(0), sample: sample, now: 0) == .carryOn)
        #expect(relief(governor.observe(pressure: Self.reading(300), sample: sample, now: second)) != nil)
    }

    @Test("A balloon that was empty does not grow into pressure that nobody measured; a measurement replaces averages")
    func recall() {
        var governor = Self.governor()
        governor.recall(some: 2000, full: 0, now: second)
        #expect(
            reason(governor.mayInflate(wanted: 32 * mebibyte, inputs: Self.inputs, now: second)) == .memoryPressure)
        _ = governor.observe(pressure: Self.reading(0), sample: Self.sample(), now: second)
        _ = governor.observe(pressure: Self.reading(0), sample: Self.sample(), now: 2 * second)
        #expect(governor.pressure(now: 2 * second) == 0)
        // What was measured a moment ago is not replaced by an average that lags behind.
        governor.recall(some: 2000, full: 0, now: 3 * second)
        #expect(governor.pressure(now: 3 * second) == 0)
    }

    @Test("While we populate, the system's pressure does not count unless our own part is known")
    func ownPopulating() {
        var governor = Self.governor()
        var decisions: [Decision] = []
        for step in 0..<UInt64(10) {
            decisions.append(
                governor.observe(
                    pressure: Self.reading(step * 500), sample: Self.sample(inFlight: 32), now: step * second))
        }
        #expect(decisions.allSatisfy { $0 == .carryOn })
        #expect(governor.pressure(now: 9 * second) == 0)

        // Of 500 ms, 450 were our own: what is left is 5 %.
        var knowing = Self.governor()
        for step in 0..<UInt64(3) {
            let reading = Self.reading(step * 500, own: step * 450)
            #expect(
                knowing.observe(pressure: reading, sample: Self.sample(inFlight: 32), now: step * second) == .carryOn)
        }
        #expect(knowing.pressure(now: 2 * second) == 500)

        // A workload's pressure always counts.
        var watching = Self.governor()
        _ = watching.observe(
            pressure: Self.reading(0, workload: 0), sample: Self.sample(inFlight: 32), now: 0)
        let decision = watching.observe(
            pressure: Self.reading(500, workload: 200), sample: Self.sample(inFlight: 32), now: second)
        #expect(relief(decision)?.measured == 2000)
    }

    @Test("Pressure that may be our own makes the balloon pause, at most every ten seconds, to find out")
    func listening() {
        var governor = Self.governor()
        var pauses = 0
        var wasPaused = false
        for step in 0..<UInt64(100) {
            let now = step * second / 4
            let permission = governor.permit(wanted: 32 * mebibyte, inputs: Self.inputs, now: now)
            let paused = reason(permission) == .memoryPressure
            if paused && !wasPaused { pauses += 1 }
            wasPaused = paused
            // Nobody waits while nothing is populated.
            _ = governor.observe(
                pressure: Self.reading(step * 100), sample: Self.sample(inFlight: paused ? 0 : 32), now: now)
        }
        #expect((1...3).contains(pauses))
    }

    @Test("The rate falls with the pressure to nothing at 5 %, and halves after a release until it is calm again")
    func rates() {
        var governor = Self.governor()
        #expect(governor.stepRate(now: 0) == .max)
        var total: UInt64 = 0
        func measure(_ permille: UInt64, _ now: UInt64) {
            total += permille
            _ = governor.observe(pressure: Self.reading(total), sample: Self.sample(), now: now)
        }
        measure(0, 0)
        measure(10, second)
        // A quarter of memory less a fifth.
        #expect(governor.stepRate(now: second) / mebibyte == 409)
        measure(49, 2 * second)
        #expect(governor.stepRate(now: 2 * second) / mebibyte == 10)
        measure(50, 3 * second)
        #expect(governor.stepRate(now: 3 * second) == 0)
        measure(0, 4 * second)
        #expect(governor.stepRate(now: 4 * second) == .max)
        measure(200, 5 * second)
        #expect(governor.reliefs == 1)
        // Five seconds later the measurement no longer counts; the rate is a quarter and doubles every ten seconds
        // after the hold-off.
        let rates = [14, 15, 25, 35].map { governor.stepRate(now: $0 * second) / mebibyte }
        #expect(rates == [128, 128, 256, UInt64.max / mebibyte])
    }

    @Test("A slowed balloon waits between its steps, and says why")
    func pace() {
        var governor = Self.governor()
        _ = governor.observe(pressure: Self.reading(0), sample: Self.sample(), now: 0)
        _ = governor.observe(pressure: Self.reading(40), sample: Self.sample(), now: second)
        // 102.4 MiB a second: three chunks, and a little.
        var taken: UInt64 = 0
        for tick in 0..<UInt64(100) {
            let now = second + tick * second / 100
            if case .allowed(let bytes) = governor.permit(wanted: 64 * mebibyte, inputs: Self.inputs, now: now) {
                taken += bytes
            }
        }
        #expect(taken == 128 * mebibyte)
        guard
            case .refused(let refusal) = governor.mayInflate(
                wanted: 64 * mebibyte, inputs: Self.inputs, now: 2 * second)
        else {
            Issue.record("was not slowed")
            return
        }
        #expect(refusal.reason == .memoryPressure)
        #expect(
            refusal.detail
                == "programs wait for memory 4 % of the time, so the balloon grows by 102.4 MiB a second")
        #expect((refusal.retryAfter ?? 0) > 0)
    }

    @Test("Swap traffic and anonymous pages that come back are thrashing: it stops, and yields in steps")
    func thrashing() {
        var governor = Self.governor()
        var picture = MemoryPicture(availableBytes: 800 * mebibyte, freeBytes: 700 * mebibyte)
        #expect(governor.observe(memory: picture, sample: Self.sample(), now: 0) == .carryOn)
        picture.swappedInPages += 255
        #expect(governor.observe(memory: picture, sample: Self.sample(), now: second) == .carryOn)
        #expect(reason(governor.mayInflate(wanted: 2 * mebibyte, inputs: Self.inputs, now: second)) == nil)
        picture.refaultAnonymousPages += 300
        let decision = governor.observe(memory: picture, sample: Self.sample(), now: 2 * second)
        #expect(relief(decision)?.reason == .thrashing)
        #expect(
            relief(decision)?.detail
                == "300 pages a second come back from swap, and 256 is the limit; releasing 256 MiB of 1 GiB")
        #expect(
            reason(governor.mayInflate(wanted: 2 * mebibyte, inputs: Self.inputs, now: 2 * second)) == .thrashing)
        #expect(
            reason(governor.mayInflate(wanted: 2 * mebibyte, inputs: Self.inputs, now: 8 * second)) == .holdOff)
    }

    @Test("File pages that come back more than usual stop the balloon until they are usual")
    func risingRefaults() {
        var governor = Self.governor()
        var picture = MemoryPicture(availableBytes: 1500 * mebibyte, freeBytes: 1400 * mebibyte)
        var refused: [UInt64] = []
        for step in 0..<UInt64(30) {
            let now = step * second
            picture.refaultFilePages += step < 10 ? 100 : 2000
            #expect(governor.observe(memory: picture, sample: Self.sample(), now: now) == .carryOn)
            if reason(governor.mayInflate(wanted: 2 * mebibyte, inputs: Self.inputs, now: now)) == .refaults {
                refused.append(step)
            }
        }
        #expect(refused.first == 10)
        #expect((2...8).contains(refused.count))
    }

    @Test("Who looks how often: not at all at rest with an empty balloon, each second while something happens")
    func senses() {
        var governor = Self.governor()
        #expect(governor.nextSense(after: Self.sample(held: 0), now: 0) == nil)
        #expect(governor.nextSense(after: Self.sample(), now: 0) == 10 * second)
        #expect(governor.nextSense(after: Self.sample(inFlight: 2), now: 0) == second)
        _ = governor.observe(event: PressureEvent(source: .workload, full: false), sample: Self.sample(), now: 0)
        #expect(governor.nextSense(after: Self.sample(held: 0), now: 9 * second) == second)
        #expect(governor.nextSense(after: Self.sample(held: 0), now: 11 * second) == nil)
        let device = AskInputs(availableBytes: 800 * mebibyte, balloonBytes: 0, deviceBytes: mebibyte)
        #expect(governor.ask(device, now: 12 * second) == nil)
        #expect(governor.nextSense(after: Self.sample(held: 0), now: 12 * second) == 10 * second)
    }
}
