import Controller
import HostAPI
import TestSupport
import Testing

@Suite("Policy file")
struct PolicyFileTests {
    @Test("A full policy is read as it is written")
    func full() throws {
        let policy = try PolicyFile.parse(
            """
            [host]
            socket = "/run/x.sock"
            socket-mode = "0660"
            state-directory = "/var/lib/x"
            log-level = "debug"

            [[vm]]
            name = "web1"
            qmp = "/run/web1.qmp"
            agent = "/run/web1.agent"
            min = "25%"
            max = "1.5GiB"
            actuator = "device"
            strict = true
            stats-period = "500ms"
            deflate-on-oom = "pressure"
            pid = 4711

            [[vm]]
            name = "db"
            qmp = "/run/db.qmp"
            stats-period = 5
            on-controller-loss = "release-after"
            release-after = "10m"

            [[vm]]
            name = "cache"
            qmp = "/run/cache.qmp"
            stats-period = "adaptive"
            on-controller-loss = "hold"
            """, file: "host.toml")
        #expect(policy.socketPath == "/run/x.sock")
        #expect(policy.socketMode == 0o660)
        #expect(policy.stateDirectory == "/var/lib/x")
        #expect(policy.logLevel == "debug")
        var web = VMPolicy(name: "web1", qmp: "/run/web1.qmp")
        web.agent = .serial("/run/web1.agent")
        web.minimum = .percent(25)
        web.maximumBytes = 3 << 29
        web.actuator = .device
        web.strict = true
        web.guest = GuestPolicyChange(statsPeriodMilliseconds: 500, deflateOnOom: .pressure)
        web.pid = 4711
        var database = VMPolicy(name: "db", qmp: "/run/db.qmp")
        database.guest = GuestPolicyChange(
            statsPeriodMilliseconds: 5000, onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 600_000)
        var cache = VMPolicy(name: "cache", qmp: "/run/cache.qmp")
        cache.guest = GuestPolicyChange(adaptive: true, onControllerLoss: .hold)
        #expect(policy.vms == [web, database, cache])
        #expect(web.minimumBytes(of: 4 << 30) == 1 << 30)
    }

    @Test("An empty file is the default policy")
    func empty() throws {
        #expect(try PolicyFile.parse("", file: "x") == HostPolicy())
        #expect(try PolicyFile.parse("# nothing\n[host]\n", file: "x") == HostPolicy())
    }

    @Test(
        "Each mistake is one clear line with its place",
        arguments: [
            ("[host]\nsockets = \"/x\"", "f:2: unknown key \"sockets\" in [host]; known are socket, socket-mode"),
            ("hosts = 1", "f:1: unknown key \"hosts\" at the top level"),
            ("[guest]\n", "f:1: unknown key \"guest\" at the top level"),
            ("[host]\n\nsocket = 5", "f:3: socket is text in quotes"),
            ("[host]\nsocket = \"run/x\"", "f:2: socket must be an absolute path"),
            ("[host]\nsocket = \"\"", "f:2: socket is empty"),
            ("[host]\nsocket-mode = \"rw\"", "f:2: socket-mode is octal text"),
            ("[host]\nsocket-mode = 432", "f:2: socket-mode is text in quotes, socket-mode = \"0660\""),
            ("[host]\nsocket-mode = \"0060\"", "f:2: socket-mode is octal text"),
            ("[host]\nlog-level = \"loud\"", "f:2: log-level is one of trace, debug"),
            ("[vm]\nname = \"a\"", "f:1: each VM is a section [[vm]], with double brackets"),
            ("vm = [1]", "f:1: each VM is a section [[vm]]"),
            ("host = 1", "f:1: write it as [host]"),
            ("[[vm]]\nqmp = \"/q\"", "f:1: this [[vm]] lacks name"),
            ("[[vm]]\nname = \"a\"", "f:1: this [[vm]] lacks qmp"),
            ("[[vm]]\nname = \"a b\"\nqmp = \"/q\"", "f:2: a name has 1 to 64"),
            ("[[vm]]\nname = \"a/b\"\nqmp = \"/q\"", "f:2: a name has 1 to 64"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nmin = \"5x\"", "f:4: min is a size such as"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nmin = 512", "f:4: min is text in quotes"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nmax = \"50%\"", "f:4: max is a size such as"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nmax = \"1G\"\nmin = \"2G\"", "f:5: min (2 GiB) is above max (1 GiB)"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nactuator = \"magic\"", "f:4: actuator is one of \"auto\", \"agent\""),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nactuator = \"agent\"", "f:4: actuator \"agent\" needs the key agent"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nstrict = \"yes\"", "f:4: strict is true or false"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nstats-period = \"5ms\"", "f:4: a stats period is 0 (off) or between"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nstats-period = -1", "f:4: stats-period is a time"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\ndeflate-on-oom = \"no\"", "f:4: deflate-on-oom is one of"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\nstats-period = \"auto\"", "f:4: stats-period is a time"),
            (
                "[[vm]]\nname = \"a\"\nqmp = \"/q\"\non-controller-loss = \"wait\"",
                "f:4: on-controller-loss is one of \"hold\", \"release-after\""
            ),
            (
                "[[vm]]\nname = \"a\"\nqmp = \"/q\"\non-controller-loss = \"release-after\"",
                "f:4: release-after needs a time"
            ),
            (
                "[[vm]]\nname = \"a\"\nqmp = \"/q\"\nrelease-after = \"10m\"",
                "f:4: a time until the release belongs to"
            ),
            (
                "[[vm]]\nname = \"a\"\nqmp = \"/q\"\non-controller-loss = \"release-after\"\nrelease-after = \"8d\"",
                "f:5: release-after takes between 1 s and 7 days"
            ),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\npid = 99999999999", "f:4: pid is the process id"),
            ("[[vm]]\nname = \"a\"\nqmp = \"/q\"\npid = 1", "f:4: pid is the process id"),
            (
                "[[vm]]\nname = \"a\"\nqmp = \"/q\"\n[[vm]]\nname = \"a\"\nqmp = \"/r\"",
                "f:5: there is another VM named \"a\""
            ),
            (
                "[[vm]]\nname = \"a\"\nqmp = \"/q\"\n[[vm]]\nname = \"b\"\nqmp = \"/q\"",
                "f:6: /q is already used by qmp of \"a\""
            ),
            ("[host]\nsocket = \"/a\"\nsocket = \"/b\"", "f:3:"),
            ("[host\n", "f:1:"),
            ("[host]\nsocket = \"/a", "f:2:"),
            ("a = 1\u{0}", "f:1: a NUL byte"),
        ])
    func mistakes(text: String, message: String) {
        let error = #expect(throws: PolicyError.self) { try PolicyFile.parse(text, file: "f") }
        guard let error else { return }
        #expect(error.problems.count == 1, "\(error)")
        #expect(error.description.hasPrefix(message), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    @Test("All mistakes are told at once, in the order of the file")
    func many() {
        let error = #expect(throws: PolicyError.self) {
            try PolicyFile.parse(
                "[host]\nlog-level = \"loud\"\nfoo = 1\n[[vm]]\nname = \"a\"\nqmp = \"q\"\nbar = 2", file: "f")
        }
        #expect(error?.problems.map(\.line) == [2, 3, 6, 7])
    }

    @Test("A missing or unreadable file is told by name")
    func files() throws {
        let directory = try TemporaryDirectory()
        let missing = #expect(throws: PolicyError.self) { try PolicyFile.load(directory.path + "/no.toml") }
        #expect(missing?.description.contains("no.toml: there is no such file") == true)
        #expect(throws: PolicyError.self) { try PolicyFile.load(directory.path) }
        try directory.write("good.toml", "[host]\nlog-level = \"error\"\n")
        #expect(try PolicyFile.load(directory.path + "/good.toml").logLevel == "error")
        try directory.write("bad.toml", "# \u{FFFD}")
        try directory.write("binary.toml", bytes: [0x23, 0xFF, 0xFE])
        #expect(throws: PolicyError.self) { try PolicyFile.load(directory.path + "/binary.toml") }
    }
}
