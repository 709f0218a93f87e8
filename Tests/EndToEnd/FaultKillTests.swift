import Glibc
import HostAPI
import Testing
import TestKit

/// Every process is killed at the most delicate steps of a chunk's life, in one guest whose checker watches.
@Suite("Fault: kills", .serialized)
struct FaultKillTests {
    private static let memory: UInt64 = 1 << 30
    private static let low: UInt64 = 640 << 20
    private static let high: UInt64 = 960 << 20

    private static let options = GuestOptions(
        memory: memory, agentConfiguration: "[balloon]\nchunk = \"8MiB\"\n[policy]\nhold-off = \"1s\"\n",
        agentEnvironment: ["BALLAST_FAILPOINT_FILE": "/run/failpoints"])

    /// Moves the balloon up and down until `happened`.
    private static func stir(_ host: HostDaemon, until happened: () async throws -> Bool) async throws {
        let deadline = ContinuousClock().now + .seconds(90)
        var target = low
        while try await !happened() {
            guard ContinuousClock().now < deadline else { throw KitError("the fail point was not reached") }
            _ = try? await host.api.setTarget("vm", .bytes(target))
            target = target == low ? high : low
            for _ in 0..<8 {
                try await Task.sleep(for: .milliseconds(150))
                if try await happened() { return }
            }
        }
    }

    /// Both sides agree on what is held, nothing is left in flight, and the host has got what it was promised.
    private static func settle(_ guest: Guest, _ host: HostDaemon, _ what: String) async throws {
        print("  \(what)")
        try await host.waitFor("vm", actuator: .agent)
        try await host.reach("vm", target: .bytes(low))
        let balloon = try #require(try await host.api.guest("vm", .balloon).balloon)
        let vm = try await host.api.vm("vm")
        #expect(balloon.heldBytes == memory - low, "\(what)")
        #expect(vm.heldBytes == balloon.heldBytes, "\(what)")
        #expect(balloon.quarantinedBytes == 0, "\(what)")
        try await eventually("after \(what): what is held has left the host", within: .seconds(30)) {
            try guest.residentBytes() < low + (16 << 20)
        }
        try await host.reach("vm", target: .bytes(high))
    }

    @Test("An agent that starts again takes the balloon over as it is")
    func takeOver() async throws {
        try await Guest.with(Self.options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .bytes(Self.low))
                for round in 1...3 {
                    let sessions = try await host.api.vm("vm").counters.sessions
                    let pid = try #require(try await guest.agentPID())
                    try await guest.sh("kill -KILL \(pid)")
                    try await guest.startAgent()
                    try await eventually("session \(round + 1)", within: .seconds(60)) {
                        try await host.api.vm("vm").counters.sessions > sessions
                    }
                    try await host.waitFor("vm", actuator: .agent)
                    try await host.reach("vm", target: .bytes(Self.low))
                    // Not one chunk was given back and taken again.
                    let balloon = try #require(try await host.api.guest("vm", .balloon).balloon)
                    #expect(balloon.heldBytes == Self.memory - Self.low)
                    #expect(balloon.releasedBytes == 0)
                    #expect(balloon.offeredBytes == 0)
                    #expect(try await host.api.vm("vm").counters.offeredBytes == Self.memory - Self.low)
                }
            }
        }
    }

    @Test("A killed holder, agent or daemon costs no page and no memory")
    func kills() async throws {
        try await Guest.with(Self.options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let checker = try await guest.startChecker(bytes: 96 << 20, fileBytes: 16 << 20)
                try await checker.waitForPages(1)
                try await Self.settle(guest, host, "the start")

                for point in [
                    "holder.mapped", "holder.populated", "holder.registered", "holder.stamped", "holder.offered",
                    "holder.unpinning", "holder.released",
                ] {
                    let before = try await host.api.guest("vm", .balloon).balloon?.holdersDied ?? 0
                    try await guest.sh("echo '\(point)=kill' >/run/failpoints")
                    try await Self.stir(host) {
                        (try? await host.api.guest("vm", .balloon).balloon?.holdersDied) ?? before > before
                    }
                    try await guest.sh("rm /run/failpoints")
                    try await Self.settle(guest, host, point)
                }

                for point in ["agent.built", "agent.offered", "agent.answered", "agent.unpinned"] {
                    let pid = try #require(try await guest.agentPID())
                    try await guest.sh("echo '\(point)=kill' >/run/failpoints")
                    try await Self.stir(host) { try await guest.run("kill -0 \(pid)").exitCode != 0 }
                    try await guest.sh("rm /run/failpoints")
                    // Its holders outlive it, with what they hold.
                    #expect(try await guest.run("pidof ballast-holder").exitCode == 0, "\(point)")
                    try await guest.startAgent()
                    try await Self.settle(guest, host, point)
                }

                for point in [
                    "host.received", "host.checked", "host.stamped", "host.punching", "host.punched",
                    "host.acknowledging", "host.acknowledged",
                ] {
                    try host.setFailPoints("\(point)=kill")
                    let child = try host.child
                    try await Self.stir(host) { child.exit != nil }
                    #expect(child.exit == .signal(SIGKILL))
                    try host.setFailPoints("")
                    try await host.start()
                    try await Self.settle(guest, host, point)
                }

                let report = try await checker.stop()
                #expect(report.wrongPages == 0)
                #expect(report.notZeroPages == 0)
                #expect(guest.oomKills().isEmpty)
            }
        }
    }

    @Test("A daemon killed while it had the VM paused for a discard continues it when it starts again")
    func strictKill() async throws {
        try await Guest.with(Self.options) { guest in
            try await HostDaemon.with(["vm": HostDaemon.VM(guest, policy: "strict = true")]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try host.setFailPoints("host.strict-stopped=kill")
                let child = try host.child
                _ = try? await host.api.setTarget("vm", .bytes(Self.low))
                try await eventually("the daemon was killed") { child.exit != nil }
                #expect(try await guest.qmp.execute("query-status")["status"].string == "paused")
                try host.setFailPoints("")
                try await host.start()
                try await eventually("the VM runs again", within: .seconds(30)) {
                    try await guest.qmp.execute("query-status")["status"].string == "running"
                }
                try await Self.settle(guest, host, "the strict kill")
            }
        }
    }

    @Test("Targets, the kill switch and policies survive a restart of the daemon; pause stops changes, release works")
    func persistence() async throws {
        try await Guest.with(Self.options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .bytes(Self.low))
                _ = try await host.api.setGuestPolicy("vm", GuestPolicyChange(statsPeriodMilliseconds: 500))
                _ = try await host.api.pause()
                await host.kill()
                try await host.start()
                try await host.waitFor("vm", actuator: .agent)
                #expect(try await host.api.status().paused)
                let vm = try await host.api.vm("vm")
                #expect(vm.targetBytes == Self.low)
                try await eventually("the inventory is in") {
                    try await host.api.vm("vm").heldBytes == Self.memory - Self.low
                }
                await #expect(throws: APIError.self) { try await host.api.setTarget("vm", .bytes(Self.high)) }
                try await eventually("the policy is in force again") {
                    try await host.api.guest("vm", .policy).policy?.statsPeriodMilliseconds == 500
                }
                _ = try await host.api.release("vm")
                try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
                #expect(try await host.api.resume().paused == false)
                try await host.reach("vm", target: .bytes(Self.low))
            }
        }
    }
}
