import HostAPI
import Testing
import TestKit

@Suite("Out of memory", .serialized)
struct OutOfMemoryTests {
    @Test(
        "Demand that fits the guest without its balloon kills nobody; the balloon yields by itself",
        arguments: KernelRow.available)
    func yields(row: KernelRow) async throws {
        // Long enough that the end of a slow program still finds it.
        let policy = "[policy]\nhold-off = \"30s\"\nhold-off-after-oom = \"30s\"\n"
        try await Guest.with(GuestOptions(memory: 1 << 30, kernel: row, agentConfiguration: policy)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .percent(60))
                let available = try await guest.meminfo()["MemAvailable"] ?? 0
                let hog = try await guest.spawn("guest-tool hog --bytes \(available + (200 << 20)) --hold 1")
                #expect(try await hog.wait() == 0)
                let kills = guest.oomKills().filter { $0.name != "ballast-holder" }
                #expect(kills.isEmpty, "\(kills)")
                let balloon = try await host.balloon("vm")
                #expect(balloon.emergencyReleases >= 1 || balloon.holdersDied >= 1)
                // It does not fight: after the release no inflation for a while.
                #expect(balloon.holdOffMilliseconds > 0)
                let events = try await host.api.events(since: nil, limit: 100).events
                #expect(events.contains { $0.kind == .distress })
                // And then goes on towards the target as far as the guest allows.
                try await eventually("the balloon comes back after the hold-off", within: .seconds(300)) {
                    try await host.api.vm("vm").heldBytes > 100 << 20
                }
            }
        }
    }

    @Test("With the agent frozen the kernel kills holders and nobody else")
    func frozenAgent() async throws {
        try await Guest.with(GuestOptions(memory: 1 << 30)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .percent(60))
                let agent = try #require(try await guest.agentPID())
                try await guest.sh("kill -STOP \(agent)")
                let available = try await guest.meminfo()["MemAvailable"] ?? 0
                let hog = try await guest.spawn("guest-tool hog --bytes \(available + (200 << 20)) --hold 1")
                #expect(try await hog.wait() == 0)
                let kills = guest.oomKills()
                #expect(!kills.isEmpty)
                #expect(kills.allSatisfy { $0.name == "ballast-holder" }, "\(kills)")
                try await guest.sh("kill -CONT \(agent)")
                try await eventually("the host hears of it") {
                    try await host.api.vm("vm").heldBytes < 410 << 20
                }
            }
        }
    }

    @Test("deflate-on-oom = off keeps the balloon and shields the holders, until it is set back")
    func policyOff() async throws {
        try await Guest.with(GuestOptions(memory: 1 << 30)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                _ = try await host.api.setGuestPolicy("vm", GuestPolicyChange(deflateOnOom: .off))
                try await host.reach("vm", target: .percent(60))
                let scores = try await guest.sh("for p in $(pidof ballast-holder); do cat /proc/$p/oom_score_adj; done")
                #expect(Set(scores.split(separator: "\n")) == ["-1000"])
                let available = try await guest.meminfo()["MemAvailable"] ?? 0
                let hog = try await guest.spawn(
                    "sh -c 'echo 500 >/proc/self/oom_score_adj; exec guest-tool hog --bytes \(available + (200 << 20))'"
                )
                #expect(try await hog.wait() != 0)
                #expect(try await host.api.vm("vm").heldBytes / (2 << 20) == (1 << 30) / 10 * 4 / (2 << 20))
                let policy = try await host.api.setGuestPolicy("vm", GuestPolicyChange(deflateOnOom: .oom))
                #expect(policy.deflateOnOom == .oom)
                // Each holder hears of it in its turn.
                try await eventually("the holders are no longer shielded") {
                    let back = try await guest.sh(
                        "for p in $(pidof ballast-holder); do cat /proc/$p/oom_score_adj; done")
                    return Set(back.split(separator: "\n")) == ["1000"]
                }
            }
        }
    }

    @Test("The guest's floor is kept, and the host is told how far it goes and why")
    func floor() async throws {
        try await Guest.with(GuestOptions(memory: 1 << 30)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let answer = try await host.api.setTarget("vm", .bytes(64 << 20))
                #expect(answer.vm.outcome?.answer == .partly)
                #expect(answer.vm.outcome?.reason?.code == "floor")
                try await eventually("the guest stops at its floor", within: .seconds(300)) {
                    let vm = try await host.api.vm("vm")
                    return vm.heldBytes > 300 << 20 && vm.inFlightBytes == 0 && vm.limit?.code == "floor"
                }
                let balloon = try await host.balloon("vm")
                let available = try await guest.meminfo()["MemAvailable"] ?? 0
                #expect(available + (16 << 20) >= balloon.floorBytes)
                #expect(guest.oomKills().isEmpty)
            }
        }
    }

    @Test("Where pinned memory must leave ZONE_MOVABLE the agent stops before the kernel's zones run dry")
    func kernelcore() async throws {
        let options = GuestOptions(memory: 2 << 30, kernelArguments: ["kernelcore=512M"])
        try await Guest.with(options) { guest in
            let zones = try await guest.sh("cat /proc/zoneinfo")
            #expect(zones.contains("Movable"))
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let checker = try await guest.startChecker(bytes: 64 << 20)
                _ = try await host.api.setTarget("vm", .percent(40))
                try await eventually("the agent stops for its zones", within: .seconds(300)) {
                    let vm = try await host.api.vm("vm")
                    guard vm.limit?.code == "zone", vm.inFlightBytes == 0, vm.heldBytes > 64 << 20 else { return false }
                    try await Task.sleep(for: .seconds(3))
                    return try await host.api.vm("vm").heldBytes == vm.heldBytes
                }
                let vm = try await host.api.vm("vm")
                #expect(vm.heldBytes > 64 << 20)
                #expect(vm.outcome?.answer == .partly || vm.outcome?.answer == .refused)
                #expect(vm.heldBytes < 512 << 20)
                // The kernel still has memory for itself: this forks, opens and writes.
                try await guest.sh("for i in $(seq 1 200); do cat /proc/self/status >/tmp/f$i; done; rm /tmp/f*")
                #expect(guest.oomKills().isEmpty)
                let report = try await checker.stop()
                #expect(report.wrongPages == 0 && report.notZeroPages == 0)
            }
        }
    }
}
