import HostAPI
import TestKit
import Testing
import Wire

/// The guest's judgement, in real guests.
@Suite("The guest's judgement", .serialized)
struct GovernorTests {
    private static let newest = KernelRow.available.last ?? .v6_1

    @Test(
        "A target that would cut into a file server's hot files gets the free memory and the cold files instead",
        arguments: KernelRow.available)
    func pageCache(row: KernelRow) async throws {
        // What stays available beside the hot files is a cushion of 134 MiB, and MemAvailable leaves some 40 MiB of page
        // cache out. All of that may be idle files: the cold ones are more than twice as many.
        let hot: UInt64 = 128 << 20
        let cold: UInt64 = 416 << 20
        // Cold after 10 s instead of a minute, so that the test need not wait for one.
        let configuration = """
            [cache]
            idle-age = "10s"
            [sensors]
            mglru = "enable"
            working-set-period = "5s"

            """
        try await GovernedGuest.with(row, configuration: configuration, disk: hot + cold + (48 << 20)) { governed in
            let guest = governed.guest
            try await guest.sh("mke2fs -F /dev/vda >/dev/null && mkdir /disk && mount -t ext4 /dev/vda /disk")
            let server = try await guest.spawn(
                """
                guest-tool serve --folder /disk/served --hot \(hot) --cold \(cold) --pause-us 2000 \
                --status /run/serve.status
                """)
            try await eventually("the file server serves", within: .seconds(120)) {
                try await guest.run("grep -q phase_pieces /run/serve.status").exitCode == 0
            }
            try await Task.sleep(for: .seconds(12))
            func resident(_ set: String) async throws -> UInt64 {
                let report = try JSON(parsing: try await guest.sh("guest-tool resident /disk/served/\(set)-*"))
                return UInt64(report["resident_bytes"].integer ?? 0)
            }
            #expect(try await resident("hot") == hot)
            let coldBefore = try await resident("cold")
            let free = try await guest.meminfo()["MemFree"] ?? 0
            // Free memory, the cold files and most of the hot ones would have to go for this.
            let available = try await guest.meminfo()["MemAvailable"] ?? 0
            let asked = min(available - (hot / 4), free + cold + hot / 4 * 3)
            try await governed.ask(GovernedGuest.memory - asked)
            // Where generations were off until now, idle files are told from others only after some agings.
            do {
                try await eventually("most of the cold files are given up", within: .seconds(300), every: .seconds(3)) {
                    try await resident("cold") <= coldBefore / 2
                }
            } catch {
                let report = try await GuestAdmin.report(governed.admin, .balloon, .workingSet, .pressure)
                Issue.record("\(error): \(try await resident("cold") >> 20) MiB left; \(report)")
                throw error
            }
            let held = try await governed.rest(seconds: 12)
            let balloon = try await governed.balloon()
            #expect(held < asked, "\(held >> 20) MiB held of \(asked >> 20)")
            #expect(held > free / 2, "\(held >> 20) MiB held, \(free >> 20) were free")
            #expect(try await resident("hot") >= hot / 100 * 90, "\(balloon)")
            #expect(try await resident("cold") <= coldBefore / 2, "\(balloon)")
            #expect(guest.oomKills().isEmpty)
            try await server.signal("TERM")
            #expect(try await server.wait() == 0)
        }
    }

    @Test("Under pressure the balloon yields in steps where the policy says so, asks the host, and not otherwise")
    func pressure() async throws {
        let configuration = "[policy]\nhold-off = \"60s\"\n"
        try await GovernedGuest.with(KernelRow.available[0], configuration: configuration) { governed in
            let host = governed.host
            try await host.reach("vm", target: .percent(60))
            let full = try await host.api.vm("vm").heldBytes
            #expect(try await governed.policy().deflateOnOom == .pressure)
            _ = try await host.api.setGuestPolicy("vm", GuestPolicyChange(deflateOnOom: .oom))

            let program = try await governed.stall()
            try await eventually("the guest stalls", within: .seconds(30)) {
                let pressure = try await host.api.guest("vm", .pressure).pressure
                return pressure?.some.avg10Percent ?? 0 > 20
            }
            // With `oom` pressure alone changes nothing.
            #expect(try await host.api.vm("vm").heldBytes == full)
            #expect(try await governed.balloon().pressureReleases == 0)

            _ = try await host.api.setGuestPolicy("vm", GuestPolicyChange(deflateOnOom: .pressure))
            var seen: Set<UInt64> = [full]
            try await eventually("the balloon yields", within: .seconds(60), every: .milliseconds(50)) {
                let held = try await host.api.vm("vm").heldBytes
                seen.insert(held)
                return held < full / 2
            }
            let balloon = try await governed.balloon()
            #expect(balloon.pressureReleases >= 1)
            #expect(balloon.emergencyReleases == 0)
            // Not all at once: a share first, and more each time.
            #expect(seen.count >= 3, "\(seen.sorted().map { $0 >> 20 })")
            #expect(balloon.holdOffMilliseconds > 0)
            try await eventually("the daemon hears of it", within: .seconds(10)) {
                try await governed.heard().contains("pressure-release")
            }
            try await eventually("the guest asks for what it is to give", within: .seconds(10)) {
                let heard = try await governed.heard()
                return heard.contains("asked")
            }
            try await program.signal("KILL")
            // The pause is the guest's, not the agent's that began it.
            try await governed.restartAgent()
            #expect(try await governed.balloon().holdOffMilliseconds > 0)
        }
    }

    @Test("Beside earlyoom the balloon stops before that would kill, and says so")
    func otherKiller() async throws {
        try await GovernedGuest.with(Self.newest) { governed in
            let guest = governed.guest
            try await guest.sh("ln -s /bin/guest-tool /run/earlyoom")
            let killer = try await guest.spawn("/run/earlyoom -m 50")
            try await Task.sleep(for: .seconds(2))
            try await governed.ask(400 << 20)
            let held = try await governed.rest(within: .seconds(120))
            let balloon = try await governed.balloon()
            #expect(balloon.limit == .otherKiller, "\(balloon)")
            #expect(held > 0)
            #expect(governed.guest.agentLog.contains("the balloon stays at"), "\(governed.guest.agentLog)")
            try await killer.signal("TERM")
            #expect(try await killer.wait() == 0)
            let report = try JSON(parsing: try await killer.log())
            #expect(report["kills"] == 0, "\(report.text)")
        }
    }
}
