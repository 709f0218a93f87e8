import HostAPI
import Testing

@Suite("What people read")
struct PresentationTests {
    @Test("Tables align words left and numbers right, without trailing blanks")
    func table() {
        var other = VMDetail(name: "a-longer-name", maxBytes: 512 << 20)
        other.state = .unreachable
        #expect(
            VMTable.lines([VMSummary(Sample.detail), VMSummary(other)]) == [
                "NAME           STATE        ACTUATOR      MAX  TARGET    ACTUAL     HELD  RESIDENT     ASKS  LIMIT",
                "web1           connected    agent       2 GiB   1 GiB  1.50 GiB  512 MiB  1.25 GiB  64 MiB!  floor",
                "a-longer-name  unreachable  none      512 MiB       -   512 MiB      0 B         -        -  -",
            ])
        #expect(VMTable.lines([]).count == 1)
    }

    @Test("The detail of a VM tells sizes, reasons and counters")
    func detail() {
        var vm = Sample.detail
        vm.actuatorReason = Explanation(code: "private-ram", message: "the RAM is private")
        let text = VMDetailText.lines(vm).joined(separator: "\n")
        for part in [
            "Not the agent, since: the RAM is private (private-ram)", "1.50 GiB", "2 refused-stamp", "1 bad_crc",
            "1 GiB only down to 1.50 GiB, since one more step leaves less than 180 MiB (floor)", "Stats period:   5 s",
            "Guest asks for:       64 MiB more, urgently, until 1970-01-01T00:01:00.000Z: swap traffic (thrashing)",
        ] {
            #expect(text.contains(part), "\(part) is missing")
        }
    }

    @Test("Text from a guest cannot command the terminal")
    func hostileText() {
        var vm = Sample.detail
        vm.agent.kernel = "6.1\u{1B}[2Jevil\n\u{202E}x"
        let text = VMDetailText.lines(vm).joined(separator: "\n")
        #expect(!text.contains("\u{1B}"))
        #expect(text.contains("6.1?[2Jevil??x"))
        var event = Sample.event
        event.message = "a\r\nb"
        #expect(!EventText.line(event).contains("\n"))
    }

    @Test("A guest's report has a title for each topic where there are several")
    func report() {
        let all = GuestReportText.lines(Sample.report)
        #expect(all.contains("Memory"))
        #expect(all.contains("Pressure"))
        #expect(all.contains { $0.contains("12.34 %") && $0.contains("5 ms") })
        var one = GuestReport(source: .agent, time: Sample.time)
        one.policy = GuestPolicy(statsPeriodMilliseconds: 0, deflateOnOom: .off)
        #expect(
            GuestReportText.lines(one) == [
                "Stats period:   off (guest's configuration)", "Deflate on OOM: off (guest's configuration)",
            ])
        one.policy = nil
        one.pressure = GuestPressure(available: false)
        #expect(GuestReportText.lines(one).count == 1)
    }
}

@Suite("Waiting for a target")
struct TargetProgressTests {
    private func begin(actual: UInt64 = 2 << 30, target: UInt64 = 1 << 30) -> (TargetProgress, VMDetail) {
        var vm = Sample.detail
        vm.actualBytes = actual
        vm.targetBytes = target
        vm.inFlightBytes = 0
        vm.outcome = TargetOutcome(answer: .accepted, targetBytes: target, reachableBytes: target, time: Sample.time)
        return (TargetProgress(SetTargetResponse(targetBytes: target, vm: vm), now: Sample.time), vm)
    }

    @Test("It ends when the target is reached to within the step of a balloon")
    func reached() {
        var (progress, vm) = begin()
        #expect(progress.update(vm, now: Sample.time) == nil)
        #expect(progress.fraction(vm) == 0)
        vm.actualBytes = 3 << 29
        #expect(progress.fraction(vm) == 0.5)
        #expect(progress.line(vm, bar: true).hasPrefix("[##########----------]  50 %  actual 1.50 GiB"))
        vm.actualBytes = (1 << 30) + (2 << 20) - 4096
        vm.inFlightBytes = 1
        #expect(progress.update(vm, now: Sample.time) == nil)
        vm.inFlightBytes = 0
        #expect(progress.update(vm, now: Sample.time) == .reached)
    }

    @Test("A refusal ends it at once, a partial answer when the guest stands still")
    func refused() throws {
        var (progress, vm) = begin()
        let reason = Explanation(code: "floor", message: "too low")
        vm.outcome = TargetOutcome(
            answer: .partly, targetBytes: 1 << 30, reachableBytes: 3 << 29, reason: reason, time: Sample.time)
        vm.actualBytes = 7 << 28
        #expect(progress.update(vm, now: Timestamp(milliseconds: 100)) == nil)
        #expect(progress.update(vm, now: Timestamp(milliseconds: 2000)) == nil)
        #expect(
            progress.update(vm, now: Timestamp(milliseconds: 2100))
                == .refused("1 GiB only down to 1.50 GiB, since too low (floor)"))
        vm.actualBytes = 3 << 29
        #expect(progress.update(vm, now: Timestamp(milliseconds: 2101)) != nil)
        vm.outcome?.answer = .refused
        #expect(progress.update(vm, now: Timestamp(milliseconds: 2102)) == .refused("refused 1 GiB: too low (floor)"))
        // An answer to an earlier target says nothing about this one.
        vm.outcome?.targetBytes = 5
        #expect(progress.update(vm, now: Timestamp(milliseconds: 2103)) == nil)
    }

    @Test("Another target, or none, ends it")
    func replaced() {
        var (progress, vm) = begin()
        vm.targetBytes = 3 << 29
        #expect(progress.update(vm, now: Sample.time) == .replaced("another target was set, 1.50 GiB"))
        vm.targetBytes = nil
        #expect(progress.update(vm, now: Sample.time) == .replaced("the target was removed"))
    }

    @Test("A VM that nobody moves has not arrived, however well its numbers fit")
    func nobodyMoves() {
        var (progress, vm) = begin(actual: 1 << 30)
        vm.actuator = .none
        #expect(progress.update(vm, now: Sample.time) == nil)
        vm.actuator = .agent
        vm.agent.connected = false
        #expect(progress.update(vm, now: Sample.time) == nil)
        #expect(progress.fraction(vm) == 1)
    }
}
