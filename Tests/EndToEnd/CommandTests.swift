import HostAPI
import TestKit
import Testing

/// `ballastctl` as an operator types it, against a real daemon, a real guest and a real agent.
@Suite("ballastctl", .serialized)
struct CommandTests {
    private static func ballastctl(_ words: String..., timeout: Duration = .seconds(120)) async throws
        -> Ballastctl.Result
    {
        try await Ballastctl.run(words, timeout: timeout)
    }

    private static func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

    @Test("Targets, release, the kill switch, events and the guest's own numbers, with the documented exit codes")
    func operatorsDay() async throws {
        try await Guest.with(GuestOptions(memory: 1 << 30)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let socket = ["--host-socket", host.socket]
                func ask(_ words: String...) async throws -> (output: String, errors: String, exit: Int32) {
                    let result = try await ChildProcess.run(
                        try Layout.program("ballastctl"), words + socket, timeout: .seconds(180))
                    guard case .code(let code) = result.exit else { throw KitError("\(words): \(result.exit)") }
                    return (result.output, result.errors, code)
                }

                let list = try await ask("list", "--json")
                #expect(list.exit == 0)
                #expect(try Self.json(list.output)["vms"].elements.first?["max_bytes"].integer == 1 << 30)
                #expect(try await ask("list").output.contains("vm"))

                // The wait ends with the target reached, and the host really has the memory.
                let set = try await ask("set-target", "vm", "75%", "--wait")
                #expect(set.exit == 0, "\(set.errors)")
                #expect(try guest.residentBytes() < 768 << 20 + 16 << 20)
                let show = try Self.json(try await ask("show", "vm", "--json").output)
                #expect(show["held_bytes"].integer == 256 << 20)
                #expect(show["target_bytes"].integer == 768 << 20)
                #expect(show["actuator"].string == "agent")

                // Only part of the way: the reason is told, and the status says so.
                let far = try await ask("set-target", "vm", "64M", "--wait", "--timeout", "60s")
                #expect(far.exit == 5, "\(far.output) \(far.errors)")
                #expect((far.output + far.errors).contains("floor"), "\(far.output) \(far.errors)")

                #expect(try await ask("show", "nobody").exit == 3)
                #expect(try await ask("set-target", "vm", "12 parsecs").exit == 64)
                #expect(try await ask("set-target", "vm", "8G").exit == 5)

                #expect(try await ask("pause").exit == 0)
                let paused = try await ask("set-target", "vm", "900M")
                #expect(paused.exit == 5)
                #expect(paused.errors.contains("ballastctl resume"), "\(paused.errors)")
                #expect(try await ask("resume").exit == 0)

                for what in ["memory", "balloon", "pressure", "policy", "all"] {
                    let table = try await ask("guest", "vm", what)
                    #expect(table.exit == 0 && !table.output.isEmpty, "\(what): \(table.errors)")
                    let object = try await ask("guest", "vm", what, "--json")
                    #expect(object.exit == 0, "\(what)")
                    _ = try Self.json(object.output)
                }
                let change = try await ask(
                    "guest", "vm", "set-policy", "--stats-period", "2s", "--deflate-on-oom", "off")
                #expect(change.exit == 0, "\(change.errors)")
                let policy = try Self.json(try await ask("guest", "vm", "policy", "--json").output)
                #expect(policy["policy"]["stats_period_milliseconds"].integer == 2000, "\(policy.text)")
                #expect(policy["policy"]["deflate_on_oom"].string == "off", "\(policy.text)")

                let release = try await ask("release", "--all", "--json")
                #expect(release.exit == 0, "\(release.errors)")
                try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }

                let events = try await ask("events", "--json")
                #expect(events.exit == 0)
                let kinds = try events.output.split(separator: "\n").map { try Self.json(String($0))["kind"].string }
                for kind in ["connected", "target-set", "target-reached", "target-answer", "released"] {
                    #expect(kinds.contains(kind), "\(kind) in \(kinds)")
                }
            }
            // Nobody serves that socket any more; the guest's port is free for a direct question.
            #expect(try await Self.ballastctl("list", "--host-socket", "/run/no-such.sock").exit == 4)
            let serial = try await Self.ballastctl("guest", "--serial", guest.agentSocket, "memory", "--json")
            #expect(serial.exit == 0, "\(serial.errors)")
            let memory = try Self.json(serial.output)["memory"]["total_bytes"].integer ?? 0
            #expect(memory > 800 << 20 && memory < 1 << 30)
        }
    }

    @Test("The agent's own socket answers the guest's administrator")
    func localAdministrator() async throws {
        // The socket works the same on any Linux; here the agent runs on the machine of the test, without a balloon.
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        try write(
            """
            [agent]
            socket = "\(folder)/agent.sock"
            runtime-directory = "\(folder)"
            [balloon]
            enabled = false
            """, to: "\(folder)/agent.toml")
        let agent = try ChildProcess.start(
            "ballast-agent", ["--config", "\(folder)/agent.toml"], log: "\(folder)/agent.log")
        do {
            try await eventually("the agent listens") {
                if let exit = agent.exit { throw KitError("the agent ended with \(exit): \(agent.log)") }
                return try await Self.ballastctl("guest", "--socket", "\(folder)/agent.sock", "memory").exit == 0
            }
            let all = try await Self.ballastctl("guest", "--socket", "\(folder)/agent.sock", "all", "--json")
            let report = try Self.json(all.output)
            let total = try Self.json(all.output)["memory"]["total_bytes"].integer ?? 0
            let here = text(of: "/proc/meminfo").split(separator: "\n").first?.split(separator: " ")[1] ?? ""
            #expect(Int64(total) == Int64(here).map { $0 * 1024 }, "\(report.text)")
            let set = try await Self.ballastctl(
                "guest", "--socket", "\(folder)/agent.sock", "set-policy", "--stats-period", "1s")
            #expect(set.exit == 0, "\(set.errors)")
            let refused = try await Self.ballastctl(
                "guest", "--socket", "\(folder)/agent.sock", "set-policy", "--stats-period", "1ms")
            #expect(refused.exit != 0)
            await agent.stop()
        } catch {
            await agent.stop()
            throw error
        }
        #expect(try await Self.ballastctl("guest", "--socket", "\(folder)/none.sock", "memory").exit == 4)
    }
}
