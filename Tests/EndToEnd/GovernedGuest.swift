import HostAPI
import TestKit
import Wire

/// A guest of 1 GiB whose agent judges with its usual rules, beside a daemon, with a way in for its administrator.
struct GovernedGuest {
    static let memory: UInt64 = 1 << 30

    let guest: Guest
    let host: HostDaemon
    /// Where the agent's own socket can be reached from outside.
    let admin: String

    /// Boots it. `configuration` is the agent's; the grace after boot is off unless it says otherwise.
    static func with<Result: Sendable>(
        _ row: KernelRow, configuration: String = "[policy]\nboot-grace = \"0s\"\n", disk: UInt64? = nil,
        name: String = #function, _ body: (GovernedGuest) async throws -> Result
    ) async throws -> Result {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let options = GuestOptions(
            memory: memory, kernel: row, disk: disk, agentConfiguration: configuration,
            setup: "mount -t debugfs debugfs /sys/kernel/debug\n",
            qemuArguments: GuestAdmin.arguments(socket: "\(folder)/admin.sock"))
        return try await Guest.with(options, name: name) { guest in
            try await GuestAdmin.serve(guest)
            return try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                return try await body(GovernedGuest(guest: guest, host: host, admin: "\(folder)/admin.sock"))
            }
        }
    }

    /// What the agent holds, by its own account.
    func balloon() async throws -> BalloonReport { try await GuestAdmin.balloon(admin) }

    /// The agent's policies.
    func policy() async throws -> PolicyState {
        guard let policy = try await GuestAdmin.report(admin, .policy).policy else {
            throw KitError("the agent tells nothing of its policies")
        }
        return policy
    }

    /// Sets a target, whatever the agent answers.
    @discardableResult
    func ask(_ target: UInt64) async throws -> TargetOutcome? {
        try await host.api.setTarget("vm", .bytes(target)).vm.outcome
    }

    /// Waits until the balloon has not moved for so many seconds, and returns what it holds.
    func rest(seconds: Int = 5, within patience: Duration = .seconds(90)) async throws -> UInt64 {
        var last: UInt64 = 0
        var still = 0
        try await eventually("the balloon comes to rest", within: patience, every: .seconds(1)) {
            let held = try await host.api.vm("vm").heldBytes
            still = held == last ? still + 1 : 0
            last = held
            return still >= seconds
        }
        return last
    }

    /// Kills the agent and starts it again with another configuration, or with the same; returns when it is back.
    func restartAgent(configuration: String? = nil) async throws {
        if let configuration {
            try await guest.sh("cat >/etc/ballast/agent.toml <<'BALLAST-END'\n\(configuration)\nBALLAST-END")
        }
        guard let pid = try await guest.agentPID() else { throw KitError("the agent does not run") }
        try await guest.sh("kill -9 \(pid); while [ -d /proc/\(pid) ]; do sleep 0.1; done")
        let sessions = try await host.api.vm("vm").counters.sessions
        try await guest.startAgent()
        try await eventually("the agent is back") {
            let vm = try await host.api.vm("vm")
            return vm.agent.connected && vm.counters.sessions > sessions
        }
    }

    /// What the daemon has heard, by kind.
    func heard() async throws -> [String] {
        try await host.api.events(since: nil, limit: 500).events.map(\.kind.rawValue)
    }

    /// A program that stands still for want of memory: it uses more than its group may have, and there is no swap.
    /// The shortage is the group's alone, so that no balloon could end it; the guest stalls all the same.
    func stall() async throws -> GuestProcess {
        try await guest.sh(
            """
            mkdir -p /sys/fs/cgroup/stalling
            echo 48M >/sys/fs/cgroup/stalling/memory.high
            """)
        return try await guest.spawn(
            """
            sh -c 'echo $$ >/sys/fs/cgroup/stalling/cgroup.procs
                exec guest-tool touch random --bytes 64M --hot 64M --interval-ms 10 --granule 4K'
            """)
    }

    /// Context switches of the agent so far, of all its threads.
    func switches() async throws -> UInt64 {
        guard let pid = try await guest.agentPID() else { throw KitError("the agent does not run") }
        return try await guest.sh("cat /proc/\(pid)/task/*/status").split(separator: "\n")
            .filter { $0.contains("ctxt_switches:") }
            .compactMap { $0.split(whereSeparator: \.isWhitespace).last.flatMap { UInt64($0) } }.reduce(0, +)
    }
}
