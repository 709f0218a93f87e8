import HostAPI

/// Values with something in every field.
enum Sample {
    static let time = Timestamp(milliseconds: 1)

    static var detail: VMDetail {
        var vm = VMDetail(name: "web1", maxBytes: 2 << 30, minBytes: 1 << 28)
        vm.state = .connected
        vm.actuator = .agent
        vm.targetBytes = 1 << 30
        vm.actualBytes = 3 << 29
        vm.heldBytes = 1 << 29
        vm.inFlightBytes = 1 << 21
        vm.residentBytes = 5 << 28
        vm.limit = Explanation(code: "floor", message: "one more step leaves less than 180 MiB")
        vm.outcome = TargetOutcome(
            answer: .partly, targetBytes: 1 << 30, reachableBytes: 3 << 29,
            reason: Explanation(code: "floor", message: "one more step leaves less than 180 MiB"), time: time)
        vm.ask = GuestAsk(
            bytes: 64 << 20, reason: Explanation(code: "thrashing", message: "swap traffic"), urgent: true, time: time,
            expires: Timestamp(milliseconds: 60_000))
        vm.agent = AgentStatus(configured: true, connected: true)
        vm.agent.version = "0.2.0"
        vm.agent.kernel = "6.1.0"
        vm.agent.bootId = "b"
        vm.agent.since = time
        vm.agent.balloonAvailable = true
        vm.qmp = QMPStatus(connected: true, version: "7.2.19", pid: 42, runState: "running")
        vm.policy = GuestPolicy(statsPeriodMilliseconds: 5000, deflateOnOom: .oom)
        vm.counters.refusedChunks = ["refused-stamp": 2]
        vm.counters.protocolErrors = ["bad_crc": 1]
        return vm
    }

    static var report: GuestReport {
        var report = GuestReport(vm: "web1", source: .agent, time: time, uptimeMilliseconds: 5)
        var memory = GuestMemory()
        memory.totalBytes = 2 << 30
        memory.availableBytes = 1 << 30
        memory.nodes = [.init(node: 0, totalBytes: 4, freeBytes: 3, fileBytes: 2, anonymousBytes: 1)]
        report.memory = memory
        report.pressure = GuestPressure(available: true, some: .init(avg10Percent: 12.34, totalMicroseconds: 5000))
        var balloon = GuestBalloon()
        balloon.heldBytes = 1 << 29
        balloon.nodes = [.init(node: 0, heldBytes: 1 << 29)]
        report.balloon = balloon
        report.policy = GuestPolicy(statsPeriodMilliseconds: 0, deflateOnOom: .pressure)
        return report
    }

    static let status = HostStatus(
        version: "0.2.0", paused: true, pausedSince: time, started: time, uptimeSeconds: 3, vmCount: 1)

    static let event = HostEvent(
        id: 7, time: time, vm: "web1", kind: .targetSet, message: "target set",
        fields: ["target_bytes": .bytes(5), "by": "admin", "first": true])
}
