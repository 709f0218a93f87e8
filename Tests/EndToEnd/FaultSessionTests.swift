import Glibc
import HostAPI
import Testing
import TestKit

/// Whatever may change who owns memory ends the session; the next one begins with a full resync.
@Suite("Fault: sessions", .serialized)
struct FaultSessionTests {
    private static let memory: UInt64 = 1 << 30
    private static let low: UInt64 = 640 << 20

    private static func verify(_ checker: Checker) async throws {
        let report = try await checker.stop()
        #expect(report.wrongPages == 0)
        #expect(report.notZeroPages == 0)
    }

    /// Lets a movement begin, and returns in the middle of it.
    private static func begin(_ host: HostDaemon) async throws {
        _ = try await host.api.setTarget("vm", .bytes(low))
        try await eventually("the balloon moves") { try await host.api.vm("vm").heldBytes > 32 << 20 }
    }

    /// Boots a guest with a daemon and a checker, and lets a movement begin.
    private static func moving(
        _ options: GuestOptions = GuestOptions(memory: memory), name: String = #function,
        _ body: (Guest, HostDaemon, Checker) async throws -> Void
    ) async throws {
        try await Guest.with(options, name: name) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let checker = try await guest.startChecker(bytes: 96 << 20)
                try await checker.waitForPages(1)
                try await begin(host)
                try await body(guest, host, checker)
            }
        }
    }

    @Test("A reset in the middle: the new guest loses nothing, and its agent is taken up")
    func reset() async throws {
        try await Guest.with(GuestOptions(memory: Self.memory)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                for _ in 0..<3 {
                    let sessions = try await host.api.vm("vm").counters.sessions
                    try await Self.begin(host)
                    try await guest.reset()
                    let checker = try await guest.startChecker(bytes: 96 << 20)
                    try await eventually("a new session", within: .seconds(180)) {
                        try await host.api.vm("vm").counters.sessions > sessions
                    }
                    // The stored target holds for the new guest too.
                    try await host.reach("vm", target: .bytes(Self.low))
                    #expect(try guest.residentBytes() < Self.low + (16 << 20))
                    try await Self.verify(checker)
                    _ = try await host.api.release("vm")
                    try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
                }
            }
        }
    }

    @Test("Paused and continued by someone else, in the middle")
    func pause() async throws {
        try await Self.moving { guest, host, checker in
            try await guest.qmp.execute("stop")
            try await eventually("the session has ended") {
                try await !host.api.vm("vm").agent.connected
            }
            let held = try guest.residentBytes()
            try await Task.sleep(for: .seconds(3))
            // Nothing is discarded while it stands still.
            #expect(try guest.residentBytes() == held)
            try await guest.qmp.execute("cont")
            try await host.waitFor("vm", actuator: .agent)
            try await host.reach("vm", target: .bytes(Self.low))
            #expect(try guest.residentBytes() < Self.low + (16 << 20))
            try await Self.verify(checker)
        }
    }

    @Test("savevm and loadvm, with held memory and in the middle of a movement")
    func snapshot() async throws {
        try await Self.moving(GuestOptions(memory: Self.memory, snapshots: true)) { guest, host, checker in
            try await guest.qmp.execute(
                "human-monitor-command", ["command-line": "savevm middle"], timeout: .seconds(300))
            try await host.waitFor("vm", actuator: .agent)
            try await host.reach("vm", target: .bytes(Self.low))
            try await eventually("the holes that the snapshot filled are empty again", within: .seconds(300)) {
                try guest.residentBytes() < Self.low + (24 << 20)
            }
            try await guest.qmp.execute(
                "human-monitor-command", ["command-line": "loadvm middle"], timeout: .seconds(300))
            try await host.waitFor("vm", actuator: .agent)
            try await host.reach("vm", target: .bytes(Self.low))
            try await eventually("what is held has left the host", within: .seconds(300)) {
                try guest.residentBytes() < Self.low + (24 << 20)
            }
            try await Self.verify(checker)
        }
    }

    @Test("Migration to a second QEMU in the middle", arguments: KernelRow.available)
    func migration(_ row: KernelRow) async throws {
        let options = GuestOptions(
            memory: Self.memory, kernel: row, agentConfiguration: "[balloon]\nchunk = \"8MiB\"\n")
        var there = options
        there.incoming = "defer"
        try await Guest.with(options, name: "migration-\(row)") { guest in
            try await Guest.with(there, name: "migration-\(row)-destination") { destination in
                try await HostDaemon.with(["vm": guest, "there": destination]) { host in
                    try await host.waitFor("vm", actuator: .agent)
                    let checker = try await guest.startChecker(bytes: 96 << 20)
                    try await checker.waitForPages(1)
                    // Slow enough that the migration finds the movement in its middle.
                    try host.setFailPoints("host.received=sleep:200")
                    try await guest.migrate(to: destination) {
                        try await Self.begin(host)
                    } runs: {
                        try await eventually("the session has ended") {
                            try await host.api.vm("vm").actuatorReason?.code == "migration-active"
                        }
                        let vm = try await host.api.vm("vm")
                        #expect(!vm.agent.connected)
                        #expect(vm.heldBytes < Self.memory - Self.low)
                        #expect(try await guest.qmp.execute("query-status")["status"].string == "running")
                        try host.setFailPoints("")
                        // Nothing is discarded while pages are sent.
                        let discarded = vm.counters.discardedBytes
                        let resident = try guest.residentBytes()
                        try await Task.sleep(for: .seconds(3))
                        #expect(try await host.api.vm("vm").counters.discardedBytes == discarded)
                        #expect(try guest.residentBytes() >= resident)
                    }
                    try await host.waitFor("there", actuator: .agent)
                    try await host.reach("there", target: .bytes(Self.low))
                    try await eventually("what is held has left the new host", within: .seconds(300)) {
                        try destination.residentBytes() < Self.low + (24 << 20)
                    }
                    #expect(try await host.api.vm("vm").state == .suspended)
                    #expect(try await host.api.vm("there").counters.protocolErrors == [:])
                    try await Self.verify(checker.moved(to: destination))
                }
            }
        }
    }

    @Test("A daemon frozen for 30 s in mid-flight, strict mode: nothing old is discarded afterwards")
    func frozenDaemon() async throws {
        try await Guest.with(GuestOptions(memory: Self.memory)) { guest in
            try await HostDaemon.with(["vm": HostDaemon.VM(guest, policy: "strict = true")]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let checker = try await guest.startChecker(bytes: 96 << 20)
                try await checker.waitForPages(1)
                try host.setFailPoints("host.stamped=stop@4")
                _ = try await host.api.setTarget("vm", .bytes(Self.low))
                let child = try host.child
                try await eventually("the daemon is frozen") {
                    text(of: "/proc/\(child.pid)/stat").contains(") T ")
                }
                try host.setFailPoints("")
                try await Task.sleep(for: .seconds(30))
                child.thaw()
                try await eventually("the offers of then are refused") {
                    try await host.api.vm("vm").counters.refusedChunks["refused_stale"] ?? 0 > 0
                }
                try await host.reach("vm", target: .bytes(Self.low))
                #expect(try guest.residentBytes() < Self.low + (16 << 20))
                try await Self.verify(checker)
            }
        }
    }

    @Test("A second daemon beside the first touches nothing and says why")
    func secondDaemon() async throws {
        let extra = "/tmp/ballast-second-\(getpid()).qmp"
        defer { unlink(extra) }
        let options = GuestOptions(
            memory: Self.memory, qemuArguments: ["-qmp", "unix:\(extra),server=on,wait=off"])
        try await Guest.with(options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await Self.begin(host)
                try await HostDaemon.with(["vm": HostDaemon.VM(guest, qmp: extra)]) { second in
                    try await eventually("the second says why") {
                        try await second.api.vm("vm").actuatorReason?.code == "locked"
                    }
                    #expect(try await second.api.vm("vm").actuator == .none)
                    try await host.reach("vm", target: .bytes(Self.low))
                    #expect(try await second.api.vm("vm").counters.sessions == 0)
                }
                #expect(try await host.api.vm("vm").counters.sessions == 1)
                // Where the first is gone, the second may.
                await host.stop()
                try await HostDaemon.with(["vm": HostDaemon.VM(guest, qmp: extra)]) { second in
                    try await second.waitFor("vm", actuator: .agent)
                    try await second.reach("vm", target: .bytes(800 << 20))
                }
                try await host.start()
            }
        }
    }

    @Test("SIGTERM to all, then SIGKILL: what is in flight drains first, and the memory is the guest's again")
    func stopAll() async throws {
        try await Self.moving { guest, host, checker in
            let left = try await guest.sh(
                """
                kill -TERM $(pidof ballast-agent ballast-holder)
                for i in $(seq 1 600); do
                    pidof ballast-agent ballast-holder >/dev/null || break
                    sleep 0.1
                done
                pidof ballast-agent ballast-holder || echo none
                kill -KILL $(pidof ballast-agent ballast-holder) 2>/dev/null
                true
                """)
            #expect(left == "none")
            try await eventually("all of it is back") {
                try await guest.meminfo()["MemAvailable"] ?? 0 > 700 << 20
            }
            #expect(try await host.api.vm("vm").counters.protocolErrors == [:])
            try await guest.startAgent()
            try await host.waitFor("vm", actuator: .agent)
            try await host.reach("vm", target: .bytes(Self.low))
            try await Self.verify(checker)
        }
    }
}
