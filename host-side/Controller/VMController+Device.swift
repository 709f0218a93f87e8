import HostAPI
import Hypervisor

extension VMController {
    /// Gives the VMM's virtio-balloon its target: like ours, QEMU's is the memory that the guest keeps.
    func applyDeviceTarget(_ target: UInt64) async {
        guard let monitor, let vmBytes else { return }
        do {
            try await monitor.balloon(min(target, vmBytes))
            if let asked = self.target, !store.isPaused {
                outcome = TargetOutcome(
                    answer: .accepted, targetBytes: asked, reachableBytes: min(target, vmBytes), time: .now)
            }
        } catch {
            limit = Explanation(code: "vmm", message: "the VMM did not take the target: \(error)")
        }
    }

    /// The device asks the guest for statistics as often as the stats-period says, at least every second.
    func applyPollingInterval() async {
        guard let monitor, let balloonDevice else { return }
        let period = devicePeriod
        let seconds = period == 0 ? 0 : max(1, UInt32(clamping: period / 1000 + (period % 1000 == 0 ? 0 : 1)))
        try? await monitor.setBalloonPollingInterval(seconds: seconds, device: balloonDevice)
    }

    /// The stats-period in milliseconds. An adaptive one is what the agent has chosen, while there is one.
    private var devicePeriod: UInt64 {
        let wanted = wantedPolicy
        guard wanted.adaptive == true else { return wanted.statsPeriodMilliseconds ?? 0 }
        guard link?.isLive == true, let guestPolicy, guestPolicy.adaptive else { return Self.restPeriod }
        return guestPolicy.statsPeriodMilliseconds
    }

    /// The period of statistics where it is adaptive and nobody can say what the guest needs, in milliseconds.
    private static let restPeriod: UInt64 = 10_000

    func deviceTick() async {
        guard balloonDevice != nil, let monitor, let actual = try? await monitor.queryBalloon() else { return }
        deviceActual = actual
        noteProgress()
    }

    /// The guest's memory by the device's statistics. With a stats-period of 0 a sample is asked for now.
    func deviceReport() async -> GuestReport? {
        guard let monitor, let balloonDevice else { return nil }
        let period = devicePeriod
        if period == 0 {
            try? await monitor.setBalloonPollingInterval(seconds: 1, device: balloonDevice)
            try? await Task.sleep(for: .milliseconds(1500))
        }
        let statistics = try? await monitor.balloonStatistics(device: balloonDevice)
        if period == 0 { try? await monitor.setBalloonPollingInterval(seconds: 0, device: balloonDevice) }
        guard let statistics, let total = statistics.totalBytes else { return nil }
        var report = GuestReport(vm: policy.name, source: .device, time: .now)
        var memory = GuestMemory()
        memory.totalBytes = total
        memory.availableBytes = statistics.availableBytes ?? 0
        memory.freeBytes = statistics.freeBytes ?? 0
        memory.cachedBytes = statistics.diskCacheBytes ?? 0
        memory.majorFaults = statistics.majorFaults ?? 0
        memory.oomKills = statistics.oomKills ?? 0
        report.memory = memory
        return report
    }
}
