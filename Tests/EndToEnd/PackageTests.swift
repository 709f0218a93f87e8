import Glibc
import TestKit
import Testing

@Suite(
    "The Debian package of the agent", .serialized,
    .enabled(if: geteuid() == 0, "only root can unpack a root file system and chroot into it"))
struct PackageTests {
    @Test("Installs its files, with the modes and owners that they need")
    func files() async throws {
        try await ScratchRoot.with { root in
            try await root.install()
            let expected = [
                "/etc/ballast/agent.toml 644 root root",
                "/usr/sbin/ballast-agent 755 root root",
                "/lib/systemd/system/ballast-agent.service 644 root root",
                "/lib/systemd/system/ballast-agent-hibernate.service 644 root root",
                "/lib/systemd/system/ballastholders.slice 644 root root",
                "/lib/udev/rules.d/60-ballast-agent.rules 644 root root",
                "/usr/share/doc/ballast-agent/safety.md 644 root root",
                "/usr/share/doc/ballast-agent/copyright 644 root root",
            ]
            let paths = expected.compactMap { $0.split(separator: " ").first }.joined(separator: " ")
            let found = try await root.run("stat -c '%n %a %U %G' \(paths)")
            #expect(found.split(separator: "\n").map(String.init) == expected)
            #expect(try await root.run("dpkg --audit") == "")
            #expect(try await root.run("dpkg-query -W -f '${Status}' ballast-agent") == "install ok installed")
        }
    }

    @Test("Its rule starts its unit, and nothing else enables it")
    func activation() async throws {
        try await ScratchRoot.with { root in
            try await root.install()
            let rule = try await root.run("grep -v '^#' /lib/udev/rules.d/60-ballast-agent.rules")
            #expect(rule.contains(#"ATTR{name}=="org.ballast.agent.0""#))
            #expect(rule.contains(#"ENV{SYSTEMD_WANTS}="ballast-agent.service""#))
            #expect(!rule.contains("ACTION"), "the port's name arrives in a change event, after the device")
            #expect(rule.contains(#"SUBSYSTEM=="misc", KERNEL=="vsock""#))
            let unit = try await root.run("grep -v '^#' /lib/systemd/system/ballast-agent.service")
            // A guest may have either, and the agent serves both.
            #expect(!unit.contains("BindsTo="))
            #expect(unit.contains("AF_VSOCK") && unit.contains("CAP_NET_BIND_SERVICE"))
            #expect(try await root.run("find /etc/systemd -name '*ballast*'") == "")
        }
    }

    @Test("Its units are right, and expose little")
    func units() async throws {
        try await ScratchRoot.with { root in
            try await root.install()
            let complaints = try await root.run(
                "systemd-analyze verify --man=no ballast-agent.service ballast-agent-hibernate.service "
                    + "ballastholders.slice 2>&1")
            #expect(complaints == "")
            try await root.run("systemd-analyze security --offline=true --threshold=30 ballast-agent.service")
            let unit = try await root.run("cat /lib/systemd/system/ballast-agent.service")
            // What the safety rules ask of the unit: holders outlive the agent, and a killed holder stops nothing.
            let needed = [
                "KillMode=process", "OOMPolicy=continue", "OOMScoreAdjust=-1000", "RuntimeDirectoryPreserve=yes",
            ]
            for line in needed {
                #expect(unit.split(separator: "\n").contains(Substring(line)))
            }
        }
    }

    @Test("An upgrade restarts the agent alone, never the slice of its holders")
    func upgrade() async throws {
        try await ScratchRoot.with { root in
            try await root.install()
            let script = try await root.run("cat /var/lib/dpkg/info/ballast-agent.postinst")
            #expect(script.contains("try-restart 'ballast-agent.service'"))
            #expect(!script.contains("ballastholders"))
        }
    }

    @Test("The agent runs there, and takes the configuration that came with it")
    func runs() async throws {
        try await ScratchRoot.with { root in
            try await root.install()
            let version = try await root.run("dpkg-query -W -f '${Version}' ballast-agent")
            #expect(try await root.run("ballast-agent --version").contains(version))
            try await root.run("ballast-agent --config /etc/ballast/agent.toml --check-config")
            // The same with every key set to the default that its comment shows.
            try await root.run(
                """
                sed -E 's/^#([a-z-]+ = )/\\1/' /etc/ballast/agent.toml >/root/agent.toml
                grep -q '^deflate-on-oom = "pressure"' /root/agent.toml
                ballast-agent --config /root/agent.toml --check-config
                """)
        }
    }

    @Test("The agent starts on glibc 2.34, and is small")
    func portable() async throws {
        try await ScratchRoot.with { root in
            try await root.install()
            let agent = "\(root.path)/usr/sbin/ballast-agent"
            let (symbols, errors, exit) = try await ChildProcess.run("/usr/bin/objdump", ["-T", agent])
            #expect(exit == .code(0), "\(errors)")
            let minors = symbols.split(separator: "GLIBC_2.").dropFirst().compactMap { part in
                Int(part.prefix { $0.isNumber })
            }
            #expect(!minors.isEmpty)
            #expect(minors.allSatisfy { $0 <= 34 }, "\(minors.max() ?? 0)")
            var status = stat()
            #expect(stat(agent, &status) == 0 && status.st_size <= 10 << 20, "\(status.st_size) bytes")
        }
    }

    @Test("Purging it leaves nothing")
    func purge() async throws {
        try await ScratchRoot.with { root in
            let before = try await root.listing()
            try await root.install()
            #expect(try await root.listing().count > before.count)
            try await root.run("dpkg --purge ballast-agent")
            #expect(try await root.listing() == before)
        }
    }
}
