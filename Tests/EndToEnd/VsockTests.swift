import Glibc
import HostAPI
import TestKit
import Testing
import Wire

/// The agent over vsock, across the boundary of a VM: the guest's side is its kernel's own, the host's side is the
/// kit's device with the hybrid socket of Firecracker and Cloud Hypervisor.
@Suite("vsock", .serialized)
struct VsockTests {
    /// Asks the agent itself, whatever daemon there is.
    private func ask(_ vsock: VsockDevice, _ words: String...) async throws -> Ballastctl.Result {
        try await Ballastctl.run(
            ["guest", "--unix", vsock.socket] + words + ["--host-socket", "/nonexistent/host.sock"])
    }

    private func agent(_ guest: Guest) async throws -> Int32 {
        guard let pid = try await guest.agentPID() else { throw KitError("the agent does not run") }
        return pid
    }

    @Test(
        "Inflate, kill, reconnect, reboot and release over vsock as over a port, beside an admin who looks",
        arguments: KernelRow.available)
    func cycle(row: KernelRow) async throws {
        try await VsockDevice.with(.init(hostPorts: VsockDevice.privilegedPorts)) { vsock in
            let options = GuestOptions(
                memory: 1536 << 20, kernel: row, vsock: vsock, agentConfiguration: "[policy]\nboot-grace = \"0s\"\n")
            try await Guest.with(options) { guest in
                let checker = try await guest.startChecker(bytes: 256 << 20)
                try await checker.waitForPages(10_000)
                try await guest.fill()
                let vm = HostDaemon.VM(guest, agent: "hybrid:\(vsock.socket)")
                try await HostDaemon.with(["vm": vm]) { host in
                    try await host.waitFor("vm", actuator: .agent)
                    #expect(try await host.api.vm("vm").agent.address == "hybrid:\(vsock.socket)")
                    let before = try guest.residentBytes()
                    _ = try await host.api.setTarget("vm", .percent(60))
                    // An admin looks while it moves: over the daemon by itself, and past it.
                    var seen: Set<Int64> = []
                    for _ in 0..<8 {
                        let balloon = try await ask(vsock, "balloon", "--json")
                        #expect(balloon.exit == 0, "\(balloon.errors)")
                        seen.insert(try balloon.json()["balloon"]["held_bytes"].integer ?? -1)
                    }
                    let routed = try await Ballastctl.run(
                        ["guest", "--unix", vsock.socket, "memory", "--host-socket", host.socket])
                    #expect(routed.exit == 0 && routed.errors.contains("as vm"), "\(routed.errors)")
                    let moved = try await host.reach("vm", target: .percent(60))
                    #expect(moved.counters.protocolErrors == [:] && moved.counters.refusedChunks == [:])
                    #expect(seen.count > 1, "the balloon did not move while the admin looked: \(seen)")
                    let after = try guest.residentBytes()
                    let asked = moved.maxBytes / 10 * 4
                    #expect(before >= after + asked / 100 * 95, "\(before >> 20) -> \(after >> 20) MiB")
                    print("kernel \(row): residency \(before >> 20) to \(after >> 20) MiB, \(asked >> 20) asked")

                    // The port is served beside vsock, but there is one controller.
                    let port = guest.agentSocket
                    let another = Hello(role: .controller, nonce: [UInt8](repeating: 7, count: 16), peer: "other")
                    let busy = await #expect(throws: WirePeer.Refused.self) {
                        _ = try await offThread { try WirePeer(port: port, hello: another) }
                    }
                    #expect("\(String(describing: busy?.fault))".contains("another controller"))
                    _ = try await offThread { try WirePeer(port: port, hello: Hello(role: .observer, peer: "admin")) }

                    await host.kill()
                    try await host.start()
                    try await host.waitFor("vm", actuator: .agent)
                    try await eventually("what is held is known again") {
                        try await host.api.vm("vm").heldBytes == moved.heldBytes
                    }
                    _ = try await host.reach("vm", target: .percent(80))
                    let report = try await checker.stop()
                    #expect(report.wrongPages == 0 && report.pagesVerified > 0, "\(report)")

                    try await guest.reset()
                    try await guest.waitForAgent()
                    try await eventually("the daemon is back after the reboot") {
                        let vm = try await host.api.vm("vm")
                        return vm.agent.connected && vm.actuator == .agent
                    }
                    let second = try await guest.startChecker(bytes: 256 << 20, seed: 2)
                    try await second.waitForPages(10_000)
                    _ = try await host.reach("vm", target: .percent(60))
                    // Another agent takes up what the killed one had, over vsock too.
                    let held = try await host.api.vm("vm").heldBytes
                    let pid = try await agent(guest)
                    try await guest.sh("kill -9 \(pid); while [ -d /proc/\(pid) ]; do sleep 0.1; done")
                    try await guest.startAgent()
                    try await eventually("the next agent has the balloon") {
                        let vm = try await host.api.vm("vm")
                        return vm.agent.connected && vm.heldBytes == held
                    }
                    _ = try await host.api.release("vm")
                    try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
                    #expect(try await second.stop().wrongPages == 0)
                }
            }
        }
    }

    @Test("Who may do what, and what whoever may not is told")
    func rules() async throws {
        // The usual device has the host ports of Firecracker, all above 1023.
        try await VsockDevice.with { vsock in
            let options = GuestOptions(memory: 768 << 20, vsock: vsock)
            try await Guest.with(options) { guest in
                try await eventually("the agent listens") { try await vsock.isListening(on: 700) }
                let refused = try await ask(vsock, "memory")
                #expect(refused.exit != 0)
                #expect(
                    refused.errors.contains("below 1024") && refused.errors.contains("require-privileged-peer"),
                    "\(refused.errors)")

                let hello = Hello(role: .controller, nonce: [UInt8](repeating: 7, count: 16), peer: "anybody")
                let socket = vsock.socket
                let controller = await #expect(throws: WirePeer.Refused.self) {
                    _ = try await offThread { try WirePeer(vsock: socket, hello: hello) }
                }
                #expect("\(String(describing: controller?.fault))".contains("below 1024"))

                // The daemon says so too, and holds it against nobody.
                try await HostDaemon.with(["vm": HostDaemon.VM(guest, agent: "hybrid:\(socket)")]) { host in
                    try await eventually("the daemon tells what the guest said") {
                        try await host.api.vm("vm").agent.problem?.contains("below 1024") == true
                    }
                    #expect(try await host.api.vm("vm").counters.protocolErrors == [:])
                }

                for (observers, isRefused) in [("any", false), ("off", true), ("privileged", true)] {
                    try await restart(guest, "[vsock]\nobservers = \"\(observers)\"\n")
                    let answer = try await ask(vsock, "memory", "--json")
                    #expect((answer.exit != 0) == isRefused, "\(observers): \(answer.errors)")
                }
                try await restart(guest, "[vsock]\nrequire-privileged-peer = false\n")
                let memory = try await ask(vsock, "memory", "--json")
                #expect(memory.exit == 0, "\(memory.errors)")
                #expect(try memory.json()["memory"]["total_bytes"].integer ?? 0 > 0)
                // Over nobody's head: an admin looks, and changes nothing.
                let policy = try await ask(vsock, "set-policy", "--stats-period", "5s")
                #expect(policy.exit != 0 && policy.errors.contains("only look"), "\(policy.errors)")

                try await restart(guest, "[vsock]\nenabled = false\n")
                let silent = try await ask(vsock, "memory")
                #expect(silent.exit == 4 && silent.errors.contains("nobody listens"), "\(silent.errors)")
            }
        }
    }

    @Test("Inside the guest nobody gets in, takes the port or disturbs; an observer that does not read is dropped")
    func hostile() async throws {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let disk = try await CommandDisk(folder: folder)
        try await VsockDevice.with(.init(hostPorts: VsockDevice.privilegedPorts)) { vsock in
            let options = GuestOptions(
                memory: 1 << 30, vsock: vsock, agentConfiguration: "[policy]\nboot-grace = \"0s\"\n",
                qemuArguments: disk.arguments)
            try await Guest.with(options) { guest in
                try await disk.mount(in: guest)
                try await eventually("the agent listens") { try await vsock.isListening(on: 700) }
                // The command inside the guest, over the kernel's own AF_VSOCK: the agent refuses, and says why.
                let refused = try await guest.run("\(disk.ballastctl) guest --vsock 1 memory 2>&1")
                #expect(refused.exitCode != 0 && refused.text.contains("CID 1"), "\(refused.text)")
                for cid in [1, 3] {
                    let user = try await guest.run(
                        "guest-tool as 1000 \(disk.ballastctl) guest --vsock \(cid) memory 2>&1")
                    #expect(user.exitCode != 0 && user.text.contains("CID"), "\(user.text)")
                }
                // The same way to something that lets it in.
                _ = try await guest.spawn("guest-tool vsock-relay 800 /run/ballast/agent.sock")
                let answered = try await guest.run("\(disk.ballastctl) guest --vsock 1 --port 800 memory --json 2>&1")
                #expect(answered.exitCode == 0 && answered.text.contains("total_bytes"), "\(answered.text)")
                let nobody = try await guest.run("\(disk.ballastctl) guest --vsock 1 --port 801 memory 2>&1")
                #expect(nobody.exitCode == 4 && nobody.text.contains("nobody listens"), "\(nobody.text)")

                try await HostDaemon.with(["vm": guest]) { host in
                    try await host.waitFor("vm", actuator: .agent)
                    let flood = try await guest.spawn("guest-tool vsock-flood 1 700 --user 1000 --connects 10000")
                    let trickle = try await guest.spawn(
                        "guest-tool vsock-flood 1 700 --user 1000 --hold 100 --seconds 15")
                    let socket = vsock.socket
                    // One that never reads, with all that is asked of the agent.
                    let deaf = try await offThread {
                        try WirePeer(vsock: socket, hello: Hello(role: .observer, peer: "deaf"))
                    }
                    async let dropped = offThread { deaf.askUntilDropped(within: .seconds(240)) }
                    for target in [70, 100, 80] as [UInt8] {
                        _ = try await host.reach("vm", target: .percent(Double(target)))
                        let memory = try await ask(vsock, "memory", "--json")
                        #expect(memory.exit == 0, "\(memory.errors)")
                    }
                    let isDropped = try await dropped
                    #expect(isDropped, "it reads nothing, and is served all the same")
                    #expect(try await flood.wait() == 0)
                    #expect(try await trickle.wait() == 0)
                    for process in [flood, trickle] {
                        let text = try await process.log()
                        print("  \(text)")
                        #expect(Int(text.prefix { $0.isNumber }) ?? 0 > 0, "\(text)")
                    }
                    #expect(try await host.api.vm("vm").counters.sessions == 1)
                }

                // A user cannot take the port while the agent is away.
                let pid = try await agent(guest)
                try await guest.sh("kill -9 \(pid); while [ -d /proc/\(pid) ]; do sleep 0.1; done")
                let squat = try await guest.run("guest-tool vsock-listen 700 --user 1000 2>&1")
                #expect(squat.exitCode != 0 && squat.text.contains("denied"), "\(squat.text)")
                try await guest.startAgent()
                try await eventually("the agent listens again") { try await vsock.isListening(on: 700) }
            }
        }
    }

    private func restart(_ guest: Guest, _ configuration: String) async throws {
        let pid = try await agent(guest)
        try await guest.sh(
            """
            kill -9 \(pid); while [ -d /proc/\(pid) ]; do sleep 0.1; done
            cat >/etc/ballast/agent.toml <<'BALLAST-END'
            \(configuration)
            BALLAST-END
            """)
        try await guest.startAgent()
        // Its local socket comes first, and vsock with it.
        try await guest.sh("while ! [ -S /run/ballast/agent.sock ]; do sleep 0.1; done; sleep 1")
    }
}
