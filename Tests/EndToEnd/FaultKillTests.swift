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
    /// How often each process is killed at each point, and on which kernels: `make soak` asks for more.
    private static let rounds = Int(Layout.environment("BALLAST_KILL_ROUNDS") ?? "") ?? 10
    private static let rows = KernelRow.available.filter { row in
        let wanted = Layout.environment("BALLAST_KILL_ROWS") ?? "6.1"
        return wanted == "all" || wanted == "\(row)"
    }
    /// The points that were asked for, all where none was: a long run that was cut short goes on from there.
    private static func points(_ all: [String]) -> [String] {
        guard let wanted = Layout.environment("BALLAST_KILL_POINTS")?.split(separator: ",") else { return all }
        return all.filter { point in wanted.contains { point.hasPrefix($0) } }
    }

    private static let options = GuestOptions(
        memory: memory,
        agentConfiguration: """
            [balloon]
            chunk = "8MiB"
            audit-period = "2s"
            inflate-rate = "64GiB"
            [policy]
            hold-off = "1s"

            """,
        agentEnvironment: ["BALLAST_FAILPOINT_FILE": "/run/failpoints"])

    /// Moves the balloon up and down until `happened`.
    private static func stir(_ host: HostDaemon, until happened: () async throws -> Bool) async throws {
        // A holder's death is followed by a hold-off of one second, so all rounds together take a while.
        let deadline = ContinuousClock().now + .seconds(600 + 6 * rounds)
        var target = low
        while try await !happened() {
            guard ContinuousClock().now < deadline else { throw KitError("the fail point was not reached") }
            _ = try? await host.api.setTarget("vm", .bytes(target))
            target = target == low ? high : low
            for _ in 0..<8 {
                try await Task.sleep(for: .milliseconds(60))
                if try await happened() { return }
            }
        }
    }

    /// Both sides agree on what is held, nothing is left in flight, and the host has got what it was promised.
    private static func settle(_ guest: Guest, _ host: HostDaemon, _ what: String) async throws {
        let begin = ContinuousClock().now
        try await host.waitFor("vm", actuator: .agent)
        try await host.reach("vm", target: .bytes(low))
        print("  \(what): all accounted for after \((ContinuousClock().now - begin).components.seconds) s")
        let balloon = try await host.balloon("vm")
        let vm = try await host.api.vm("vm")
        #expect(balloon.heldBytes == memory - low, "\(what)")
        #expect(vm.heldBytes == balloon.heldBytes, "\(what)")
        #expect(balloon.quarantinedBytes == 0, "\(what)")
        // Blocks that go offline for ever move held frames as fast as a busy machine's audits find them, so they rest
        // while the host's memory is looked at.
        try await guest.sh("touch /run/calm")
        try await eventually("after \(what): what is held has left the host", within: .seconds(180)) {
            try guest.residentBytes() < low + (16 << 20)
        }
        try await guest.sh("rm /run/calm")
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
                    try await eventually("session \(round + 1)", within: .seconds(180)) {
                        try await host.api.vm("vm").counters.sessions > sessions
                    }
                    try await host.waitFor("vm", actuator: .agent)
                    try await host.reach("vm", target: .bytes(Self.low))
                    // Not one chunk was given back and taken again.
                    let balloon = try await host.balloon("vm")
                    #expect(balloon.heldBytes == Self.memory - Self.low)
                    #expect(balloon.releasedBytes == 0)
                    #expect(balloon.offeredBytes == 0)
                    #expect(try await host.api.vm("vm").counters.offeredBytes == Self.memory - Self.low)
                }
            }
        }
    }

    /// What else moves pages in the guest all the while: compaction, khugepaged and KSM at full speed, and blocks of
    /// memory that go offline and come back.
    private static let disturbance = """
        for file in khugepaged/scan_sleep_millisecs khugepaged/alloc_sleep_millisecs; do
            echo 10 >/sys/kernel/mm/transparent_hugepage/$file
        done
        echo 4096 >/sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan
        [ -e /sys/kernel/mm/ksm/run ] && echo 10 >/sys/kernel/mm/ksm/sleep_millisecs && echo 1 >/sys/kernel/mm/ksm/run
        while :; do
            echo 1 >/proc/sys/vm/compact_memory
            for block in /sys/devices/system/memory/memory*/state; do
                while [ -e /run/calm ]; do sleep 0.3; done
                echo offline >$block 2>/dev/null && echo offline >>/run/offlined
                echo online >$block 2>/dev/null
                sleep 0.3
            done
        done
        """

    @Test("A killed holder, agent or daemon costs no page and no memory", arguments: rows)
    func kills(_ row: KernelRow) async throws {
        var options = Self.options
        options.kernel = row
        try await Guest.with(options, name: "kills-\(row)") { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let checker = try await guest.startChecker(bytes: 96 << 20, fileBytes: 16 << 20)
                try await checker.waitForPages(1)
                try await Self.settle(guest, host, "the start")
                try await guest.sh("cat >/run/disturb.sh <<'END'\n\(Self.disturbance)\nEND")
                _ = try await guest.spawn("sh /run/disturb.sh")
                try await killHolders(guest, host)
                try await killAgents(guest, host)
                try await killDaemons(guest, host)
                let offlined = try await guest.run("grep -c offline /run/offlined").text.filter(\.isNumber)
                let report = try await checker.stop()
                print("  \(report.pagesVerified) pages verified, blocks of memory offlined: \(offlined)")
                #expect(report.wrongPages == 0)
                #expect(report.notZeroPages == 0)
                #expect(guest.oomKills().isEmpty)
                #expect(try await host.api.vm("vm").counters.protocolErrors == [:])
            }
        }
    }

    private func killHolders(_ guest: Guest, _ host: HostDaemon) async throws {
        let points = Self.points([
            "holder.mapped", "holder.populated", "holder.registered", "holder.stamped", "holder.offered",
            "holder.unpinning", "holder.released",
        ])
        for point in points {
            let before = try await host.balloon("vm").holdersDied
            try await guest.sh("echo '\(point)=kill' >/run/failpoints")
            try await Self.stir(host) {
                let died = (try? await host.api.guest("vm", .balloon).balloon?.holdersDied) ?? before
                return died >= before + UInt64(Self.rounds)
            }
            try await guest.sh("rm /run/failpoints")
            try await Self.settle(guest, host, "\(Self.rounds) at \(point)")
        }
    }

    private func killAgents(_ guest: Guest, _ host: HostDaemon) async throws {
        for point in Self.points(["agent.built", "agent.offered", "agent.answered", "agent.unpinned"]) {
            for _ in 0..<Self.rounds {
                // A shell starts it, and is it for a moment.
                try await eventually("the agent runs") { try await guest.agentPID() != nil }
                let pid = try #require(try await guest.agentPID())
                try await guest.sh("echo '\(point)=kill' >/run/failpoints")
                try await Self.stir(host) { try await guest.run("kill -0 \(pid)").exitCode != 0 }
                try await guest.sh("rm /run/failpoints")
                // Its holders outlive it, with what they hold.
                #expect(try await guest.run("pidof ballast-holder").exitCode == 0, "\(point)")
                try await guest.startAgent()
            }
            try await Self.settle(guest, host, "\(Self.rounds) at \(point)")
        }
    }

    private func killDaemons(_ guest: Guest, _ host: HostDaemon) async throws {
        let points = Self.points([
            "host.received", "host.checked", "host.stamped", "host.punching", "host.punched", "host.acknowledging",
            "host.acknowledged",
        ])
        for point in points {
            for _ in 0..<Self.rounds {
                try host.setFailPoints("\(point)=kill")
                let child = try host.child
                try await Self.stir(host) { child.exit != nil }
                #expect(child.exit == .signal(SIGKILL))
                try host.setFailPoints("")
                try await host.start()
                try await host.waitFor("vm", actuator: .agent)
            }
            try await Self.settle(guest, host, "\(Self.rounds) at \(point)")
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
                try await eventually("the VM runs again", within: .seconds(180)) {
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
