import Glibc
import HostAPI
import TestKit
import Testing

/// The package under a real systemd, in a real guest.
@Suite(
    "Package: a guest with systemd", .serialized,
    .enabled(if: geteuid() == 0, "only root can make the guest's root file system"))
struct PackageSystemTests {
    private static let memory: UInt64 = 1 << 30
    private static let low: UInt64 = 704 << 20

    private static func options(setup: String = "", configuration: String = "") async throws -> GuestOptions {
        GuestOptions(
            memory: memory, system: .debian(package: try await ScratchRoot.builtPackage()),
            agentConfiguration: configuration, setup: setup)
    }

    private static func property(_ guest: Guest, _ unit: String, _ name: String) async throws -> String {
        try await guest.sh("systemctl show -P \(name) '\(unit)'")
    }

    /// Whether the holders have the whole balloon, by their slice's account, which lags a little behind.
    private static func holdersHaveAll(_ guest: Guest) async throws -> Bool {
        let text = try await guest.sh("cat /sys/fs/cgroup/ballastholders.slice/memory.current")
        guard let bytes = UInt64(text) else { throw KitError("memory.current: \(text)") }
        if bytes + (16 << 20) < memory - low { print("  the holders have \(bytes >> 20) MiB") }
        return bytes + (16 << 20) >= memory - low
    }

    @Test("The port starts the agent; its holders live in scopes of a slice of their own, and outlive its restart")
    func life() async throws {
        try await Guest.with(try await Self.options()) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                // By the udev rule: nothing enabled it.
                #expect(try await guest.run("systemctl is-enabled ballast-agent").text.hasPrefix("static"))
                #expect(try await Self.property(guest, "ballast-agent", "ActiveState") == "active")
                #expect(try await Self.property(guest, "ballast-agent", "StatusText") != "")
                let checker = try await guest.startChecker(bytes: 96 << 20)
                try await checker.waitForPages(1)
                try await host.reach("vm", target: .bytes(Self.low))
                #expect(try guest.residentBytes() < Self.low + (32 << 20))

                let scopes = try await guest.sh(
                    "systemctl list-units --plain --no-legend --type=scope 'ballast*' | cut -d ' ' -f 1"
                ).split(separator: "\n").map(String.init)
                #expect(scopes.count >= 4, "\(scopes)")
                for scope in scopes {
                    #expect(try await Self.property(guest, scope, "Slice") == "ballastholders.slice")
                    let group = try await Self.property(guest, scope, "ControlGroup")
                    #expect(group == "/ballastholders.slice/\(scope)")
                }
                let score = try await guest.sh(
                    "for p in $(cat /sys/fs/cgroup/ballastholders.slice/*/cgroup.procs); do cat /proc/$p/oom_score_adj; done"
                )
                #expect(Set(score.split(separator: "\n")) == ["1000"])
                let main = try await Self.property(guest, "ballast-agent", "MainPID")
                #expect(try await guest.sh("cat /proc/\(main)/oom_score_adj") == "-1000")

                // What the package's upgrade does, and crashes: all leave the balloon where it is.
                for end in ["systemctl restart ballast-agent", "kill -KILL", "kill -ABRT"] {
                    let sessions = try await host.api.vm("vm").counters.sessions
                    let pid = try await Self.property(guest, "ballast-agent", "MainPID")
                    try await guest.sh(end.hasPrefix("kill") ? "\(end) \(pid)" : end)
                    #expect(try await Self.holdersHaveAll(guest), "\(end)")
                    try await eventually("a new session after \(end)", within: .seconds(180)) {
                        try await host.api.vm("vm").counters.sessions > sessions
                    }
                    try await host.waitFor("vm", actuator: .agent)
                    #expect(try await Self.holdersHaveAll(guest), "\(end)")
                    try await host.reach("vm", target: .bytes(Self.low))
                    #expect(try await Self.property(guest, "ballast-agent", "ActiveState") == "active")
                    let balloon = try await host.balloon("vm")
                    #expect(balloon.heldBytes == Self.memory - Self.low, "\(end)")
                }
                // The watchdog is armed and answered.
                #expect(try await Self.property(guest, "ballast-agent", "WatchdogUSec") == "2min")
                #expect(try await Self.property(guest, "ballast-agent", "Type") == "notify")
                let journal = try await guest.sh("journalctl -o json -u ballast-agent | head -n 40")
                #expect(journal.contains("\"PRIORITY\""))
                let report = try await checker.stop()
                #expect(report.wrongPages == 0)
                #expect(report.notZeroPages == 0)
            }
        }
    }

    @Test("Stopping the unit keeps the balloon with its holders; stopping the slice gives everything back")
    func stops() async throws {
        try await Guest.with(try await Self.options()) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .bytes(Self.low))
                let before = try await guest.meminfo()["MemFree"] ?? 0
                try await guest.sh("systemctl stop ballast-agent")
                #expect(try await guest.run("pidof ballast-holder").exitCode == 0)
                #expect(try await Self.holdersHaveAll(guest))
                try await guest.sh("systemctl stop ballastholders.slice", timeout: .seconds(120))
                #expect(try await guest.run("pidof ballast-holder").exitCode != 0)
                #expect(try await guest.meminfo()["MemFree"] ?? 0 > before + (200 << 20))
                try await guest.sh("systemctl start ballast-agent")
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .bytes(Self.low))
                _ = try await host.api.release("vm")
                try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
            }
        }
    }

    @Test("Before memory is written to disk the balloon is empty and stays so; a package that is removed gives it back")
    func hibernationAndRemoval() async throws {
        try await Guest.with(try await Self.options()) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .bytes(Self.low))
                // This guest has no place for an image: what would write it notes what it would have found.
                try await guest.sh(
                    """
                    mkdir -p /run/systemd/system/systemd-hibernate.service.d
                    cat >/run/systemd/system/systemd-hibernate.service.d/test.conf <<'END'
                    [Service]
                    ExecStart=
                    ExecStart=/bin/sh -c 'sleep 3; cp /run/ballast/status.json /run/at-image.json'
                    END
                    systemctl daemon-reload
                    systemctl start hibernate.target
                    """, timeout: .seconds(180))
                let found = try JSON(parsing: try await guest.sh("cat /run/at-image.json"))
                #expect(found["ballooned_bytes"].integer == 0, "\(found.text)")
                #expect((found["hold_until_ms"].integer ?? 0) > 0, "\(found.text)")
                // Once it has resumed the host may have its memory again.
                try await eventually("the balloon is back", within: .seconds(180)) {
                    try await host.api.vm("vm").heldBytes == Self.memory - Self.low
                }

                let before = try await guest.meminfo()["MemFree"] ?? 0
                try await guest.sh("dpkg --remove ballast-agent", timeout: .seconds(180))
                #expect(try await guest.run("pidof ballast-holder ballast-agent").exitCode != 0)
                #expect(try await guest.meminfo()["MemFree"] ?? 0 > before + (200 << 20))
                try await eventually("the daemon knows", within: .seconds(60)) {
                    try await host.api.vm("vm").heldBytes == 0
                }
            }
        }
    }

    /// How often the agent and each holder had to wait for a page from the disk.
    private static func majorFaults(_ guest: Guest) async throws -> [String] {
        let main = try await property(guest, "ballast-agent", "MainPID")
        let text = try await guest.sh(
            "for p in \(main) $(pidof ballast-holder); do echo $p: $(cut -d ' ' -f 12 /proc/$p/stat); done")
        return text.split(separator: "\n").map(String.init).sorted()
    }

    @Test("Agent and holders give everything back without a major fault, though the kernel dropped what it could")
    func majorFaults() async throws {
        try await Guest.with(try await Self.options()) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .bytes(Self.low))
                // What the kernel does to everybody when memory is short, it does here to these first. It says so where
                // it did not find as much.
                let mapped = try await guest.sh(
                    """
                    cd /sys/fs/cgroup
                    for group in system.slice/ballast-agent.service ballastholders.slice; do
                        grep '^file_mapped' $group/memory.stat
                        echo 64M >$group/memory.reclaim || true
                        grep '^file_mapped' $group/memory.stat
                    done
                    echo 3 >/proc/sys/vm/drop_caches
                    """)
                print("  mapped of files before and after: \(mapped.split(separator: "\n"))")
                let before = try await Self.majorFaults(guest)
                #expect(before.count > 1)
                let available = try await guest.meminfo()["MemAvailable"] ?? 0
                let hog = try await guest.spawn("guest-tool hog --bytes \(available + (200 << 20)) --hold 1")
                #expect(try await hog.wait() == 0)
                let after = try await Self.majorFaults(guest)
                #expect(after == before)
                let balloon = try await host.balloon("vm")
                #expect(balloon.emergencyReleases >= 1)
                #expect(guest.oomKills().isEmpty)
            }
        }
    }

    @Test("A guest that is short of memory kills a holder, and systemd stops nobody else for it")
    func outOfMemory() async throws {
        try await Guest.with(try await Self.options()) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .bytes(Self.low))
                // Frozen, the agent cannot yield; the kernel has to find the holders by itself.
                try await guest.sh("systemctl kill -s STOP ballast-agent")
                let hog = try await guest.spawn("guest-tool hog --bytes \(560 << 20) --hold 1")
                #expect(try await hog.wait() == 0)
                try await guest.sh("systemctl kill -s CONT ballast-agent")
                let victims = try await guest.oomKills()
                #expect(!victims.isEmpty)
                for victim in victims { #expect(victim.name == "ballast-holder") }
                #expect(try await guest.sh("systemctl list-units --plain --no-legend --failed 'ballast-agent*'") == "")
                try await host.waitFor("vm", actuator: .agent)
                #expect(try await Self.property(guest, "ballast-agent", "ActiveState") == "active")
            }
        }
    }

    @Test("A whole system's stop drains what is in flight and powers off")
    func powerOff() async throws {
        try await Guest.with(try await Self.options()) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                _ = try await host.api.setTarget("vm", .bytes(Self.low))
                try await eventually("the balloon moves") { try await host.api.vm("vm").heldBytes > 32 << 20 }
                _ = try await guest.run("systemctl --no-block poweroff")
                try await eventually("the guest is off", within: .seconds(300)) { guest.qemu.exit != nil }
                #expect(try await host.api.vm("vm").counters.protocolErrors == [:])
                #expect(!guest.consoleLog.contains("State 'stop-sigterm' timed out"))
            }
        }
    }
}
