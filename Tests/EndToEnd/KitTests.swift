import Testing

@testable import TestKit

@Suite("The test kit", .serialized)
struct KitTests {
    @Test("a guest boots, runs commands and sees its memory", arguments: KernelRow.available)
    func boots(row: KernelRow) async throws {
        let clock = ContinuousClock()
        let started = clock.now
        try await Guest.with(.init(memory: 512 << 20, kernel: row)) { guest in
            print("kernel \(row), \(guest.accelerator): ready after \(clock.now - started)")
            #expect(try await guest.sh("uname -r").hasPrefix(row.rawValue))
            let output = try await guest.run("echo one; echo two >&2; exit 3")
            #expect(output.text == "one\ntwo\n")
            #expect(output.exitCode == 3)
            let total = try #require(try await guest.meminfo()["MemTotal"])
            #expect(total > 400 << 20 && total < 512 << 20)
        }
    }

    @Test("scripts run beside each other, and large outputs come whole")
    func concurrency() async throws {
        try await Guest.with(.init(memory: 512 << 20, startsAgent: false)) { guest in
            // The first ends only after the second.
            async let first = guest.sh("until [ -e /tmp/second ]; do sleep 0.05; done; echo first")
            #expect(try await guest.sh("echo second; touch /tmp/second") == "second")
            #expect(try await first == "first")
            #expect(try await guest.sh("yes 123456789 | head -c 3000000").utf8.count == 2_999_999)
            let sleeper = try await guest.spawn("sleep 100")
            #expect(try await sleeper.exitCode() == nil)
            try await sleeper.signal("KILL")
            #expect(try await sleeper.wait() == 137)
        }
    }

    @Test(
        "residency grows with what the guest touches; the checker finds nothing wrong", arguments: KernelRow.available)
    func residency(row: KernelRow) async throws {
        try await Guest.with(.init(memory: 1 << 30, kernel: row, startsAgent: false)) { guest in
            let before = try guest.residentBytes()
            let hog = try JSON(parsing: try await guest.sh("guest-tool hog --bytes 300M"))
            #expect(hog["dirty_pages"] == 0)
            let after = try guest.residentBytes()
            #expect(after > before + (200 << 20))

            let checker = try await guest.startChecker(bytes: 128 << 20, fileBytes: 32 << 20)
            try await checker.waitForPages(100_000)
            let report = try await checker.stop()
            #expect(report.corruptPages == 0)
            #expect(report.refilledPages > 40_960)
            print("kernel \(row): residency \(before >> 20) to \(after >> 20) MiB, checker: \(report)")

            let filled = try await guest.fill()
            let full = try guest.residentBytes()
            print("kernel \(row): filled \(filled >> 20) MiB, residency \(full >> 20) MiB")
            #expect(full > 960 << 20)
            #expect(guest.oomKills().isEmpty)
        }
    }

    @Test("the checker notices memory that changes behind the guest's back")
    func corruption() async throws {
        try await Guest.with(.init(memory: 512 << 20, startsAgent: false)) { guest in
            let checker = try await guest.startChecker(bytes: 256 << 20)
            try await checker.waitForPages(1000)
            try await checker.process.signal("STOP")
            // The frame behind the middle of its largest mapping, straight from the guest's page tables.
            let frame = try await guest.sh(
                """
                set -- $(grep -E 'rw-p 00000000 00:00 0 *$' /proc/\(checker.process.pid)/maps | tr - ' ' \
                    | while read -r from to rest; do echo $((0x$to - 0x$from)) $((0x$from)); done | sort -n | tail -n 1)
                dd if=/proc/\(checker.process.pid)/pagemap bs=8 count=1 skip=$((($2 + $1 / 2) / 4096)) 2>/dev/null \
                    | od -An -t u8
                """)
            let entry = try #require(UInt64(frame.filter(\.isNumber)))
            #expect(entry >> 63 == 1)
            let address = (entry & (1 << 55 - 1)) * 4096
            let ram = try #require(guest.ramFiles.first)
            try await guest.qmp.execute("stop")
            let arguments = ["--punch-hole", "--offset", "\(address)", "--length", "4096", ram]
            #expect(try await ChildProcess.run("/usr/bin/fallocate", arguments).exit == .code(0))
            try await guest.qmp.execute("cont")
            try await checker.process.signal("CONT")
            let seen = try await checker.report().pagesVerified
            try await checker.waitForPages(seen + 2 * 65_536)
            let report = try await checker.report()
            #expect(report.wrongPages == 1)
            #expect(report.firstWrong?["what"] == "pattern")
        }
    }

    @Test("an OOM kill is found in the guest's log, by name and process")
    func oomKill() async throws {
        try await Guest.with(.init(memory: 512 << 20, startsAgent: false)) { guest in
            let hog = try await guest.spawn("guest-tool hog --bytes 2G --adj 500")
            #expect(try await hog.wait() == 137)
            try await eventually("the kill is on the console") { !guest.oomKills().isEmpty }
            #expect(guest.oomKills() == [OOMKill(name: "guest-tool", pid: hog.pid)])
        }
    }

    @Test(
        "machine types and backings",
        arguments: [
            GuestOptions(memory: 512 << 20, machine: .q35, startsAgent: false),
            GuestOptions(memory: 512 << 20, machine: .microvm, startsAgent: false),
            GuestOptions(
                memory: 512 << 20, kernel: KernelRow.available.last ?? .v6_1, machine: .microvm, startsAgent: false),
            GuestOptions(memory: 512 << 20, backing: .sharedMemoryFile, startsAgent: false),
            GuestOptions(memory: 512 << 20, backing: .diskFile, startsAgent: false),
            GuestOptions(nodes: [256 << 20, 512 << 20], startsAgent: false),
            GuestOptions(
                memory: 512 << 20, balloonDevice: .init(), disk: 64 << 20, snapshots: true, startsAgent: false),
        ])
    func variants(options: GuestOptions) async throws {
        try await Guest.with(options) { guest in
            #expect(guest.ramFiles.count == max(1, options.nodes.count))
            #expect(try guest.residentBytes() > 16 << 20)
            let nodes = try await guest.sh("ls -d /sys/devices/system/node/node* | wc -l")
            #expect(Int(nodes) == max(1, options.nodes.count))
            if options.balloonDevice != nil {
                #expect(try await guest.qmp.execute("query-balloon")["actual"] == 536_870_912)
            }
            if options.disk != nil {
                _ = try await guest.sh("guest-tool reader --file /dev/vda --loops 2")
            }
            if options.snapshots {
                try await guest.sh("echo kept >/tmp/kept")
                #expect(try await guest.qmp.human("savevm one").isEmpty)
                try await guest.sh("rm /tmp/kept")
                #expect(try await guest.qmp.human("loadvm one").isEmpty)
                #expect(try await guest.sh("cat /tmp/kept") == "kept")
            }
        }
    }

    @Test("private RAM has no residency to read")
    func privateMemory() async throws {
        try await Guest.with(.init(memory: 512 << 20, backing: .privateMemory, startsAgent: false)) { guest in
            #expect(throws: KitError.self) { try guest.residentBytes() }
        }
    }

    @Test("a guest is reset, and migrates to a second QEMU")
    func resetAndMigration() async throws {
        let options = GuestOptions(memory: 512 << 20, startsAgent: false)
        try await Guest.with(options) { guest in
            try await guest.sh("touch /tmp/gone")
            try await guest.reset()
            #expect(try await guest.run("cat /tmp/gone").exitCode != 0)
            try await guest.sh("echo moved >/tmp/moved")

            var destination = options
            destination.incoming = "defer"
            try await Guest.with(destination) { second in
                try await guest.migrate(to: second)
                #expect(try await second.sh("cat /tmp/moved") == "moved")
            }
        }
    }

    @Test("settings reach the guest: setup script, agent's configuration and environment")
    func settings() async throws {
        var options = GuestOptions(memory: 512 << 20, startsAgent: false)
        options.agentConfiguration = "x = 1\n"
        options.agentEnvironment = ["BALLAST_FAILPOINTS": "it's=kill@3"]
        options.setup = "echo yes >/tmp/setup"
        options.kernelArguments = ["init_on_free=1"]
        try await Guest.with(options) { guest in
            #expect(try await guest.sh("cat /tmp/setup") == "yes")
            #expect(try await guest.sh("tail -n 1 /etc/ballast/agent.toml") == "x = 1")
            let variable = try await guest.sh(". /etc/ballast/agent.env; echo $BALLAST_FAILPOINTS")
            #expect(variable == "it's=kill@3")
            #expect(try await guest.sh("cat /proc/cmdline").contains("init_on_free=1"))
            #expect(try await guest.agentPID() == nil)
        }
    }

    @Test("a guest that fails leaves nothing behind but its logs")
    func tearDown() async throws {
        struct Failure: Error {}
        let seen = Monitor<(pid: Int32, logs: String)?>(nil)
        await #expect(throws: Failure.self) {
            try await Guest.with(.init(memory: 512 << 20, backing: .sharedMemoryFile, startsAgent: false)) { guest in
                seen.with { $0 = (guest.pid, guest.logs) }
                #expect(!Scratch.leftovers().isEmpty)
                throw Failure()
            }
        }
        let (pid, logs) = try #require(seen.with { $0 })
        #expect(text(of: "/proc/\(pid)/cmdline").isEmpty)
        #expect(Scratch.leftovers().isEmpty)
        #expect(text(of: "\(logs)/console.log").contains("Linux version"))
    }

    @Test("wrong QEMU arguments are told at once")
    func wrongArguments() async throws {
        let error = await #expect(throws: KitError.self) {
            try await Guest.with(.init(qemuArguments: ["-no-such-option"])) { _ in }
        }
        #expect(error?.description.contains("no-such-option") == true)
    }

    @Test("programs on the host: output, exit codes, frozen ones stopped")
    func children() async throws {
        let (output, errors, exit) = try await ChildProcess.run("/bin/sh", ["-c", "echo out; echo err >&2; exit 4"])
        #expect(output == "out\n")
        #expect(errors == "err\n")
        #expect(exit == .code(4))
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let sleeper = try ChildProcess.start("/bin/sleep", ["100"], log: "\(folder)/log")
        sleeper.freeze()
        #expect(sleeper.exit == nil)
        #expect(await sleeper.stop() == .signal(15))
    }
}
