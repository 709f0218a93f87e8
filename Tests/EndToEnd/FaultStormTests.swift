import HostAPI
import TestKit
import Testing

/// Memory runs out in a guest with a balloon, in every way that is known to hurt. Nobody innocent is killed wherever
/// the kernel's settings leave a choice. `BALLAST_STORM_ROUNDS` repeats each storm.
@Suite("Fault: storms", .serialized)
struct FaultStormTests {
    private static let memory: UInt64 = 1 << 30
    private static let rounds = Int(Layout.environment("BALLAST_STORM_ROUNDS") ?? "") ?? 1
    /// The balloon grows again at once after each storm, instead of carefully.
    private static let configuration = """
        [balloon]
        inflate-rate = "64GiB"
        [policy]
        hold-off = "1s"
        hold-off-after-oom = "1s"

        """

    /// Ways to run out of memory. Each asks for more than the balloon leaves, and for less than the guest has.
    private enum Storm: String, CaseIterable {
        /// One program takes all at once.
        case flat
        /// 50 MiB each second.
        case ramp
        /// Fifty children at once.
        case children
        /// All at once while another program reads through the page cache.
        case cached

        /// Starts it; returns when its programs have ended, each with success.
        func strike(_ guest: Guest) async throws {
            let available = try await guest.meminfo()["MemAvailable"] ?? 0
            let wanted = available + (160 << 20)
            switch self {
            case .flat:
                let hog = try await guest.spawn("guest-tool hog --bytes \(wanted) --hold 1")
                #expect(try await hog.wait() == 0, "\(self)")
            case .ramp:
                let hog = try await guest.spawn("guest-tool hog --bytes \(wanted) --rate \(50 << 20)")
                #expect(try await hog.wait() == 0, "\(self)")
            case .children:
                let output = try await guest.run(
                    """
                    failed=0; children=
                    for i in $(seq 50); do
                        guest-tool hog --bytes \(wanted / 50) --hold 1 >/dev/null & children="$children $!"
                    done
                    for child in $children; do wait $child || failed=$((failed + 1)); done
                    echo failed=$failed
                    """)
                #expect(output.text.contains("failed=0"), "\(self): \(output)")
            case .cached:
                let reader = try await guest.spawn("guest-tool reader --file /dev/vda --loops 100000")
                try await Task.sleep(for: .milliseconds(500))
                let hog = try await guest.spawn("guest-tool hog --bytes \(wanted) --hold 1")
                #expect(try await hog.wait() == 0, "\(self)")
                try await reader.signal("TERM")
            }
        }
    }

    /// The agent's own numbers; nil where it is too busy to answer.
    private static func ownNumbers(_ host: HostDaemon) async -> GuestBalloon? {
        try? await host.api.guest("vm", .balloon).balloon
    }

    /// Inflates, strikes, and looks who was killed; returns how many holders were.
    private static func run(_ storm: Storm, _ guest: Guest, _ host: HostDaemon, frozen: Bool = false) async throws
        -> Int
    {
        try await host.waitFor("vm", actuator: .agent)
        _ = try await host.api.setTarget("vm", .percent(60))
        // The agent's own numbers: after a time frozen the host's may be those of its last word before.
        var diedBefore: UInt64 = 0
        try await eventually("the balloon is large enough", within: .seconds(300)) {
            guard let balloon = await ownNumbers(host) else { return false }
            diedBefore = balloon.holdersDied
            return try await host.api.vm("vm").heldBytes > 300 << 20 && balloon.heldBytes > 300 << 20
        }
        let killsBefore = guest.oomKills().count
        let agent = try #require(try await guest.agentPID())
        if frozen { try await guest.sh("kill -STOP \(agent)") }
        try await storm.strike(guest)
        if frozen { try await guest.sh("kill -CONT \(agent)") }
        let kills = guest.oomKills().dropFirst(killsBefore)
        let innocent = kills.filter { $0.name != "ballast-holder" }
        #expect(innocent.isEmpty, "\(storm): \(innocent)")
        #expect(try await guest.agentPID() == agent, "\(storm): the agent lives")
        // Only an agent that has seen them die tells what is left.
        let died = diedBefore + UInt64(kills.count)
        try await eventually("\(storm): the agent has seen them die") {
            await ownNumbers(host).map { $0.holdersDied >= died } ?? false
        }
        return kills.count
    }

    private static func series(
        _ name: String, _ storms: [Storm], setup: String = "", swap: Bool = false, frozen: Bool = false
    ) async throws {
        let options = GuestOptions(
            memory: memory, disk: 2 << 30, agentConfiguration: configuration,
            setup: setup + (swap ? "\nmkswap /dev/vda >/dev/null && swapon /dev/vda" : ""))
        try await Guest.with(options, name: "storm-\(name)") { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                let checker = try await guest.startChecker(bytes: 48 << 20)
                try await checker.waitForPages(1)
                var count = 0
                var holders = 0
                for _ in 0..<rounds {
                    for storm in storms {
                        holders += try await run(storm, guest, host, frozen: frozen)
                        count += 1
                    }
                }
                print("  \(name): \(count) storms, \(holders) holders and nobody else killed")
                let report = try await checker.stop()
                #expect(report.wrongPages == 0 && report.notZeroPages == 0)
            }
        }
    }

    @Test("Agent running, without swap")
    func running() async throws {
        try await Self.series("running", [.flat, .ramp, .children, .cached, .flat, .children, .cached])
    }

    @Test("Agent frozen: the kernel finds the holders")
    func frozen() async throws {
        try await Self.series("frozen", [.flat, .children, .cached, .flat, .children, .ramp], frozen: true)
    }

    @Test("With swap")
    func swap() async throws {
        // The disk is the swap; what is read through the cache is a file of the initramfs there.
        try await Self.series("swap", [.flat, .children, .flat, .children], swap: true)
    }

    // Under the next two settings the kernel has no choice once memory has run out, and fifty programs at once can be
    // faster than the agent: docs/safety.md says so.
    @Test("vm.panic_on_oom=1: the watermark comes before the panic")
    func panicOnOOM() async throws {
        try await Self.series(
            "panic", [.flat, .cached, .flat], setup: "echo 1 >/proc/sys/vm/panic_on_oom")
    }

    @Test("vm.oom_kill_allocating_task=1: the watermark comes before the kill")
    func allocatingTask() async throws {
        try await Self.series(
            "allocating", [.flat, .cached, .flat], setup: "echo 1 >/proc/sys/vm/oom_kill_allocating_task")
    }

    @Test("Others at oom_score_adj 1000: the larger holders go first")
    func rivals() async throws {
        let setup = "for i in 1 2 3; do (echo 1000 >/proc/self/oom_score_adj; exec sleep 100000) & done"
        try await Self.series("rivals", [.flat, .children, .flat], setup: setup)
        try await Self.series("rivals-frozen", [.flat, .children, .flat], setup: setup, frozen: true)
    }

    @Test("A memory limit hit inside the guest kills at that limit, and the balloon stays")
    func cgroupLimit() async throws {
        try await Guest.with(GuestOptions(memory: Self.memory, agentConfiguration: Self.configuration)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .percent(75))
                let held = try await host.api.vm("vm").heldBytes
                for _ in 0..<(3 * Self.rounds) {
                    let output = try await guest.run(
                        """
                        mkdir -p /sys/fs/cgroup/box && echo \(48 << 20) >/sys/fs/cgroup/box/memory.max
                        sh -c 'echo $$ >/sys/fs/cgroup/box/cgroup.procs; exec guest-tool hog --bytes \(96 << 20)'
                        """)
                    #expect(output.exitCode == 137, "\(output)")
                    try await Task.sleep(for: .seconds(2))
                    #expect(try await host.api.vm("vm").heldBytes == held)
                }
                let balloon = try await host.balloon("vm")
                #expect(balloon.emergencyReleases == 0)
                #expect(balloon.holdersDied == 0)
            }
        }
    }
}
