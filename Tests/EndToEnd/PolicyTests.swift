import HostAPI
import TestKit
import Testing
import Wire

/// Who may decide what in a guest, and what the agent does when nobody does; in real guests.
@Suite("The guest's policies", .serialized)
struct PolicyTests {
    private static let newest = KernelRow.available.last ?? .v6_1

    @Test("What the host set outlives the agent, within what the guest's configuration allows; an observer only looks")
    func policies() async throws {
        try await GovernedGuest.with(Self.newest) { governed in
            let api = governed.host.api
            #expect(try await governed.policy().statsPeriodByHost == false)
            _ = try await api.setGuestPolicy(
                "vm", GuestPolicyChange(statsPeriodMilliseconds: 2000, deflateOnOom: .oom))
            var policy = try await governed.policy()
            #expect(policy.statsPeriodMilliseconds == 2000)
            #expect(policy.statsPeriodByHost && policy.deflateOnOomByHost)

            try await governed.restartAgent()
            policy = try await governed.policy()
            #expect(policy.statsPeriodMilliseconds == 2000)
            #expect(policy.deflateOnOom == .oom)
            #expect(policy.statsPeriodByHost && policy.deflateOnOomByHost)

            // The guest's owner says that the host may not: then what the host set before counts no longer.
            try await governed.restartAgent(
                configuration: "[policy]\nboot-grace = \"0s\"\nallow-policy-change = false\n")
            policy = try await governed.policy()
            #expect(policy.statsPeriodMilliseconds == 0)
            #expect(policy.deflateOnOom == .pressure)
            await #expect(throws: APIError.self) {
                try await api.setGuestPolicy("vm", GuestPolicyChange(deflateOnOom: .off))
            }
            #expect(try await governed.policy().deflateOnOom == .pressure)

            try await governed.restartAgent(configuration: "[policy]\nboot-grace = \"0s\"\nhost-may = \"observe\"\n")
            #expect(try await governed.policy().observeOnly)
            let outcome = try await governed.ask(700 << 20)
            #expect(outcome?.answer == .refused, "\(String(describing: outcome))")
            await #expect(throws: APIError.self) {
                try await api.setGuestPolicy("vm", GuestPolicyChange(statsPeriodMilliseconds: 1000))
            }
            #expect(try await api.guest("vm", .memory).memory?.totalBytes ?? 0 > 800 << 20)
            #expect(try await governed.balloon().heldBytes == 0)
        }
    }

    @Test("With a stats-period of 0 and an empty balloon the agent sleeps, and a query gets fresh numbers")
    func silence() async throws {
        try await GovernedGuest.with(KernelRow.available[0]) { governed in
            // What the session's start leads to is over by then.
            try await Task.sleep(for: .seconds(5))
            let before = try await governed.switches()
            try await Task.sleep(for: .seconds(20))
            let woken = try await governed.switches() - before
            #expect(woken <= 2, "\(woken) context switches in 20 s")

            let available = try await governed.host.api.guest("vm", .memory).memory?.availableBytes ?? 0
            let hog = try await governed.guest.spawn("guest-tool hog --bytes 200M --hold 30")
            try await eventually("the program has its memory") {
                try await governed.guest.meminfo()["AnonPages"] ?? 0 > 200 << 20
            }
            let later = try await governed.host.api.guest("vm", .memory).memory?.availableBytes ?? 0
            #expect(later + (150 << 20) < available)
            try await hog.signal("KILL")
        }
    }

    @Test(
        "Nothing is taken in the grace after boot, nor while the guest's administrator forbids it; a leak is reported")
    func graceAndHold() async throws {
        let configuration = "[policy]\nboot-grace = \"30s\"\n[sensors]\nleak-window = \"1m\"\n"
        try await GovernedGuest.with(Self.newest, configuration: configuration) { governed in
            try await governed.guest.sh("mkdir -p /sys/fs/cgroup/leaking")
            let program = try await governed.guest.spawn(
                "sh -c 'echo $$ >/sys/fs/cgroup/leaking/cgroup.procs; exec guest-tool leak --rate 2M --limit 300M'")
            let outcome = try await governed.ask(700 << 20)
            #expect(outcome?.answer == .refused || outcome?.answer == .partly)
            #expect(outcome?.reason?.code == "boot-grace", "\(String(describing: outcome))")
            var balloon = try await governed.balloon()
            #expect(balloon.heldBytes == 0)
            #expect(balloon.bootGraceMilliseconds > 0)

            // The administrator's word outlasts the grace.
            guard
                case .holdState(let state) = try await GuestAdmin.ask(
                    governed.admin, .hold(Hold(milliseconds: 3_600_000)))
            else { throw KitError("a hold is not answered") }
            #expect(state.remainingMilliseconds > 3_500_000)
            try await eventually("the grace is over", within: .seconds(60)) {
                try await governed.balloon().bootGraceMilliseconds == 0
            }
            try await Task.sleep(for: .seconds(3))
            balloon = try await governed.balloon()
            #expect(balloon.heldBytes == 0)
            #expect(balloon.holdMilliseconds > 0)
            let refused = try await governed.ask(700 << 20)
            #expect(refused?.reason?.code == "hold", "\(String(describing: refused))")
            #expect(try await governed.heard().contains("held"))

            // Once it ends the target is met, without being said again.
            _ = try await GuestAdmin.ask(governed.admin, .hold(Hold(milliseconds: 0)))
            try await eventually("the target is reached", within: .seconds(60)) {
                try await governed.host.api.vm("vm").heldBytes >> 21 == (324 << 20) >> 21
            }
            try await status(governed)
            try await leak(governed)
            try await program.signal("KILL")
        }
    }

    /// The truth for whoever is inside; written at most once a second.
    private func status(_ governed: GovernedGuest) async throws {
        func read() async throws -> JSON {
            try JSON(parsing: try await governed.guest.sh("cat /run/ballast/status.json"))
        }
        try await eventually("the status file tells of the whole balloon", within: .seconds(15)) {
            let status = try await read()
            return status["ballooned_bytes"].integer == 324 << 20 && status["limit"].string == "none"
        }
        let status = try await read()
        #expect(status["vm_bytes"].integer == 1 << 30, "\(status.text)")
        #expect(status["effective_total_bytes"].integer ?? 0 < 700 << 20, "\(status.text)")
        #expect(status["target_bytes"].integer == 700 << 20, "\(status.text)")
        #expect(status["asked_by"].string?.isEmpty == false, "\(status.text)")
        #expect(try await governed.guest.sh("stat -c %a /run/ballast/status.json") == "644")
    }

    /// Demand that only grows, with its group.
    private func leak(_ governed: GovernedGuest) async throws {
        try await eventually("the leak is reported", within: .seconds(90), every: .seconds(2)) {
            let top = try await GuestAdmin.report(governed.admin, .top).top
            return top?.leaks.contains { $0.cgroup.hasSuffix("leaking") && $0.grownBytes > 0 } == true
        }
        let top = try await GuestAdmin.report(governed.admin, .top).top
        #expect(
            top?.consumers.contains { $0.cgroup.hasSuffix("leaking") && $0.anonymousBytes > 64 << 20 } == true,
            "\(String(describing: top))")
        try await eventually("the daemon hears of it") { try await governed.heard().contains("leak-suspected") }
    }

    @Test("A controller that stays away: the balloon is kept, or given back after the time that the policy says")
    func controllerLost() async throws {
        let configuration = """
            [policy]
            boot-grace = "0s"
            on-controller-loss = "release-after"
            release-after = "8s"

            """
        try await GovernedGuest.with(KernelRow.available[0], configuration: configuration) { governed in
            let host = governed.host
            try await host.reach("vm", target: .bytes(800 << 20))
            await host.kill()
            try await eventually("the agent counts down", within: .seconds(8)) {
                try await governed.balloon().controllerLostMilliseconds > 0
            }
            // A controller that comes back in time is a controller that was there.
            try await host.start()
            try await eventually("the daemon is back") {
                try await governed.balloon().controllerLostMilliseconds == 0
            }
            #expect(try await governed.balloon().heldBytes == 224 << 20)
            await host.kill()
            try await eventually("the balloon is given back", within: .seconds(30)) {
                try await governed.balloon().heldBytes == 0
            }
            // Kept instead, by the configuration's default.
            try await host.start()
            try await host.waitFor("vm", actuator: .agent)
        }
    }
}
