import Governor
import Linux
import Testing
import Wire

@testable import Agent

private let mebibyte: UInt64 = 1 << 20
private let second: UInt64 = 1_000_000_000

@Suite("The agent's configuration")
struct ConfigurationValueTests {
    @Test("An empty file, and a file with every default written out, are the defaults")
    func defaults() throws {
        #expect(try AgentConfiguration.parse([], file: "a") == AgentConfiguration())
        let text = """
            [agent]
            port = "org.ballast.agent.0"
            socket = "/run/ballast/agent.sock"
            runtime-directory = "/run/ballast"
            status-file = "/run/ballast/status.json"
            oomd-hook = "/run/systemd/oomd.prekill.hook/ballast"
            log-level = "info"
            [balloon]
            enabled = true
            chunk = "32MiB"
            slots = 4
            holders = 4
            holder-slice = "ballastholders.slice"
            floor = "0"
            watermark = "auto"
            fill-rate = "2GiB"
            inflate-rate = "auto"
            audit-period = "60s"
            [policy]
            stats-period = "0s"
            adaptive-minimum = "1s"
            adaptive-maximum = "60s"
            deflate-on-oom = "pressure"
            on-controller-loss = "hold"
            release-after = "10m"
            hold-off = "10s"
            hold-off-after-oom = "100s"
            boot-grace = "60s"
            ask-hold = "10s"
            other-killers = true
            killer-margin = "auto"
            host-may = "control"
            allow-policy-change = true
            allowed-deflate-on-oom = ["off", "oom", "pressure"]
            allowed-on-controller-loss = ["hold", "release-after"]
            minimum-stats-period = "100ms"
            [cache]
            idle-age = "60s"
            leave-alone = "10m"
            reclaim = true
            reclaim-anonymous = false
            compact = true
            [pressure]
            window = "1s"
            inflate-some = "5%"
            release-some = "15%"
            release-full = "10%"
            thrashing = "1MiB"
            refaults = "1MiB"
            [vsock]
            enabled = true
            port = 700
            require-privileged-peer = true
            observers = "privileged"
            [sensors]
            mglru = "auto"
            damon = false
            working-set-period = "30s"
            leak-window = "1h"
            pressure-cgroups = []
            """
        #expect(try AgentConfiguration.parse(Array(text.utf8), file: "a") == AgentConfiguration())
        let keys = ConfigurationKeys.all.flatMap(\.keys)
        #expect(keys.allSatisfy { text.contains("\n\($0) = ") })
    }

    @Test("Every key is read")
    func everyKey() throws {
        let text = """
            [policy]
            stats-period = "250ms"
            deflate-on-oom = "off"
            allow-policy-change = false
            adaptive-minimum = "200ms"
            adaptive-maximum = "1h"
            on-controller-loss = "release-after"
            release-after = "7d"
            hold-off = "0s"
            hold-off-after-oom = "5m"
            boot-grace = "0s"
            ask-hold = "1m"
            other-killers = false
            killer-margin = "0"
            host-may = "observe"
            allowed-deflate-on-oom = ["pressure"]
            allowed-on-controller-loss = ["release-after", "hold"]
            minimum-stats-period = "24h"
            [sensors]
            mglru = "enable"
            damon = true
            working-set-period = "0s"
            leak-window = "2d"
            pressure-cgroups = ["/system.slice", "/a/b.c"]
            [cache]
            idle-age = "2m"
            leave-alone = "0s"
            reclaim = false
            reclaim-anonymous = true
            compact = false
            [pressure]
            window = "500ms"
            inflate-some = "0.01%"
            release-some = "100%"
            release-full = "12.5 %"
            thrashing = "64KiB"
            refaults = "8MiB"
            [balloon]
            enabled = false
            chunk = "2M"
            slots = 1
            holders = 16
            holder-slice = "a-b_c.d.slice"
            floor = "1.5GiB"
            watermark = "64MiB"
            fill-rate = "64G"
            inflate-rate = "100MiB"
            audit-period = "0"
            [agent]
            port = "p.1"
            socket = ""
            runtime-directory = "/x"
            status-file = ""
            oomd-hook = ""
            log-level = "debug"
            """
        var expected = AgentConfiguration()
        expected.statsPeriod = second / 4
        expected.deflateOnOom = .off
        expected.adaptiveMinimum = second / 5
        expected.adaptiveMaximum = 3600 * second
        expected.onControllerLoss = .releaseAfter
        expected.releaseAfter = 7 * 86_400 * second
        expected.holdOff = 0
        expected.holdOffAfterOOM = 300 * second
        expected.bootGrace = 0
        expected.askHold = 60 * second
        expected.otherKillers = false
        expected.killerMarginBytes = 0
        expected.limits.hostMay = .observe
        expected.limits.allowChange = false
        expected.limits.deflateOnOom = [.pressure]
        expected.limits.onControllerLoss = [.releaseAfter, .holdBalloon]
        expected.limits.minimumStatsPeriod = 86_400 * second
        expected.sensors.mglru = .enable
        expected.sensors.damon = true
        expected.sensors.workingSetPeriod = 0
        expected.sensors.leakWindow = 2 * 86_400 * second
        expected.sensors.pressureCgroups = ["/system.slice", "/a/b.c"]
        expected.cache.coldAge = 120 * second
        expected.cache.leaveAlone = 0
        expected.reclaim.cache = false
        expected.reclaim.anonymous = true
        expected.reclaim.compaction = false
        expected.pressure.window = second / 2
        expected.pressure.inflateSome = 1
        expected.pressure.releaseSome = 10_000
        expected.pressure.releaseFull = 1250
        expected.pressure.thrashingPages = 16
        expected.pressure.risingPages = 2048
        expected.balloonEnabled = false
        expected.chunkBytes = 2 * mebibyte
        expected.slots = 1
        expected.holders = 16
        expected.holderSlice = "a-b_c.d.slice"
        expected.floorBytes = 1536 * mebibyte
        expected.watermarkBytes = 64 * mebibyte
        expected.fillRate = 65536 * mebibyte
        expected.inflateRate = 100 * mebibyte
        expected.auditPeriod = 0
        expected.port = "p.1"
        expected.socket = ""
        expected.runtimeDirectory = "/x"
        expected.statusFile = ""
        expected.oomdHook = ""
        expected.logLevel = .debug
        #expect(try AgentConfiguration.parse(Array(text.utf8), file: "a") == expected)
    }

    private static let chunk = "a size from 2MiB to 32MiB, a multiple of 2MiB, such as \"32MiB\""
    private static let watermark = "\"auto\" or a size from 64MiB to 1024TiB, such as \"256MiB\""
    private static let period = "\"adaptive\", \"0s\" or a duration from 100ms to 24h, such as \"10s\""
    private static let yields = "\"off\", \"oom\" or \"pressure\""
    private static let cgroups = "an array of at most 16 cgroups, such as [\"/system.slice\"]"
    private static let share = "a share from 0.01% to 100%, such as \"5%\""
    private static let slice = "the name of a systemd slice, such as \"ballastholders.slice\""
    private static let port = "the name of a virtio-serial port, such as \"org.ballast.agent.0\""
    private static let socket = "an absolute path of at most 107 bytes, or \"\" for no socket"

    @Test(
        "A wrong value is one line with file, line and what is expected",
        arguments: [
            ("balloon", "chunk = 32", "chunk is an integer", chunk),
            ("balloon", "chunk = \"32MB\"", "chunk is \"32MB\"", chunk),
            ("balloon", "chunk = \"3MiB\"", "chunk is \"3MiB\"", chunk),
            ("balloon", "chunk = \"34MiB\"", "chunk is \"34MiB\"", chunk),
            ("balloon", "chunk = \"0\"", "chunk is \"0\"", chunk),
            ("balloon", "slots = 0", "slots is 0", "an integer from 1 to 4"),
            ("balloon", "slots = 5", "slots is 5", "an integer from 1 to 4"),
            ("balloon", "slots = \"4\"", "slots is a string", "an integer from 1 to 4"),
            ("balloon", "holders = 17", "holders is 17", "an integer from 1 to 16"),
            ("balloon", "holders = -9223372036854775808", "holders is -9223372036854775808", "an integer from 1 to 16"),
            ("balloon", "enabled = 1", "enabled is an integer", "true or false"),
            ("balloon", "enabled = [\"a\"]", "enabled is an array", "true or false"),
            ("balloon", "watermark = \"63MiB\"", "watermark is \"63MiB\"", watermark),
            ("balloon", "watermark = true", "watermark is a boolean", watermark),
            ("balloon", "floor = \"-1\"", "floor is \"-1\"", "a size from 0 to 1024TiB, such as \"1GiB\""),
            (
                "balloon", "floor = \"18446744073709551616\"", "floor is \"18446744073709551616\"",
                "a size from 0 to 1024TiB, such as \"1GiB\""
            ),
            ("balloon", "fill-rate = \"1M\"", "fill-rate is \"1M\"", "a size from 64MiB to 64GiB, such as \"2GiB\""),
            (
                "balloon", "audit-period = \"999ms\"", "audit-period is \"999ms\"",
                "\"0s\" or a duration from 1s to 24h, such as \"60s\""
            ),
            ("balloon", "holder-slice = \"a\"", "holder-slice is \"a\"", slice),
            ("balloon", "holder-slice = \".slice\"", "holder-slice is \".slice\"", slice),
            ("balloon", "holder-slice = \"a--b.slice\"", "holder-slice is \"a--b.slice\"", slice),
            ("balloon", "holder-slice = \"-a.slice\"", "holder-slice is \"-a.slice\"", slice),
            ("balloon", "holder-slice = \"a/b.slice\"", "holder-slice is \"a/b.slice\"", slice),
            ("policy", "stats-period = \"99ms\"", "stats-period is \"99ms\"", period),
            ("policy", "stats-period = \"1d1h\"", "stats-period is \"1d1h\"", period),
            ("policy", "stats-period = \"25h\"", "stats-period is \"25h\"", period),
            ("policy", "stats-period = \"100.5ms\"", "stats-period is \"100.5ms\"", period),
            ("policy", "stats-period = 10", "stats-period is an integer", period),
            ("policy", "hold-off = \"10\"", "hold-off is \"10\"", "a duration from 0s to 24h, such as \"10s\""),
            ("policy", "deflate-on-oom = \"on\"", "deflate-on-oom is \"on\"", yields),
            ("policy", "deflate-on-oom = false", "deflate-on-oom is a boolean", yields),
            (
                "policy", "adaptive-minimum = \"1.0005s\"", "adaptive-minimum is \"1.0005s\"",
                "a duration from 100ms to 1h, such as \"1s\""
            ),
            (
                "policy", "adaptive-minimum = \"2m\"", "adaptive-minimum 2m is longer than adaptive-maximum 1m",
                "a minimum that is at most the maximum"
            ),
            (
                "policy", "on-controller-loss = \"release\"", "on-controller-loss is \"release\"",
                "\"hold\" or \"release-after\""
            ),
            (
                "policy", "release-after = \"0s\"", "release-after is \"0s\"",
                "a duration from 1s to 168h, such as \"10m\""
            ),
            ("policy", "boot-grace = \"2h\"", "boot-grace is \"2h\"", "a duration from 0s to 1h, such as \"60s\""),
            ("policy", "host-may = \"read\"", "host-may is \"read\"", "\"control\" or \"observe\""),
            ("policy", "allowed-deflate-on-oom = []", "allowed-deflate-on-oom is empty", "an array of \(yields)"),
            (
                "policy", "allowed-deflate-on-oom = \"off\"", "allowed-deflate-on-oom is a string",
                "an array of \(yields)"
            ),
            (
                "policy", "allowed-deflate-on-oom = [\"oom\", \"on\"]", "allowed-deflate-on-oom has \"on\"",
                "an array of \(yields)"
            ),
            (
                "policy", "allowed-deflate-on-oom = [\"oom\", \"oom\"]", "allowed-deflate-on-oom has \"oom\" twice",
                "an array of \(yields)"
            ),
            (
                "policy", "killer-margin = \"x\"", "killer-margin is \"x\"",
                "\"auto\" or a size from 0 to 1024TiB, such as \"256MiB\""
            ),
            ("pressure", "inflate-some = \"0%\"", "inflate-some is \"0%\"", share),
            ("pressure", "inflate-some = \"100.01%\"", "inflate-some is \"100.01%\"", share),
            ("pressure", "inflate-some = \"5\"", "inflate-some is \"5\"", share),
            ("pressure", "inflate-some = \"5.125%\"", "inflate-some is \"5.125%\"", share),
            ("pressure", "inflate-some = 5", "inflate-some is an integer", share),
            (
                "pressure", "inflate-some = \"15%\"", "release-some 15% is not above inflate-some 15%",
                "a balloon that stops to grow before it yields"
            ),
            (
                "pressure", "thrashing = \"65537\"", "thrashing is \"65537\"",
                "a size from 64KiB to 64GiB, a multiple of 4KiB, such as \"1MiB\""
            ),
            ("pressure", "window = \"11s\"", "window is \"11s\"", "a duration from 500ms to 10s, such as \"1s\""),
            ("sensors", "mglru = \"use\"", "mglru is \"use\"", "\"auto\", \"enable\" or \"off\""),
            ("sensors", "pressure-cgroups = \"/a\"", "pressure-cgroups is a string", cgroups),
            ("sensors", "pressure-cgroups = [\"a\"]", "pressure-cgroups has \"a\"", cgroups),
            ("sensors", "pressure-cgroups = [\"/a/../b\"]", "pressure-cgroups has \"/a/../b\"", cgroups),
            ("sensors", "pressure-cgroups = [\"/\"]", "pressure-cgroups has \"/\"", cgroups),
            (
                "sensors", "leak-window = \"30s\"", "leak-window is \"30s\"",
                "\"0s\" or a duration from 1m to 168h, such as \"1h\""
            ),
            (
                "agent", "status-file = \"x\"", "status-file is \"x\"", "an absolute path, or \"\" for no file"
            ),
            ("policy", "allow-policy-change = \"true\"", "allow-policy-change is a string", "true or false"),
            ("agent", "port = \"\"", "port is \"\"", port), ("agent", "port = \"a/b\"", "port is \"a/b\"", port),
            ("agent", "port = \"a\\nb\"", "port is \"a?b\"", port),
            ("agent", "socket = \"x\"", "socket is \"x\"", socket),
            ("agent", "socket = \"/\\u0000\"", "socket is \"/?\"", socket),
            ("agent", "runtime-directory = \"\"", "runtime-directory is \"\"", "an absolute path"),
            (
                "agent", "log-level = \"loud\"", "log-level is \"loud\"",
                "\"error\", \"warning\", \"notice\", \"info\" or \"debug\""
            ),
        ] as [(String, String, String, String)])
    func wrongValues(table: String, line: String, message: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.parse(Array("[\(table)]\n\n\(line)\n".utf8), file: "/etc/a.toml")
        }
        #expect(error?.description == "/etc/a.toml:3: \(message) (expected \(expected))")
        #expect(error?.code == .value)
    }

    @Test(
        "An unknown name is told with the closest known one",
        arguments: [
            ("[balloon]\nchunks = 1", 2, "unknown key chunks in [balloon]", "chunk"),
            ("[balloon]\nslot = 1", 2, "unknown key slot in [balloon]", "slots"),
            ("[balloon]\nfillrate = 1", 2, "unknown key fillrate in [balloon]", "fill-rate"),
            ("[policy]\nholdoff = 1", 2, "unknown key holdoff in [policy]", "hold-off"),
            ("[policy]\nHold-Off = 1", 2, "unknown key Hold-Off in [policy]", "hold-off"),
            ("[cache]\nidle = \"1m\"", 2, "unknown key idle in [cache]", "idle-age"),
            ("[policy]\nmglru = \"off\"", 2, "mglru does not belong to [policy]", "mglru in [sensors]"),
            ("[agent]\nchunk = \"2MiB\"", 2, "chunk does not belong to [agent]", "chunk in [balloon]"),
            ("[ballon]", 1, "unknown table [ballon]", "[balloon]"), ("[Agent]", 1, "unknown table [Agent]", "[agent]"),
            ("chunk = 1\n[balloon]", 1, "chunk stands before any table", "a header such as [balloon] above it"),
            ("x = 1", 1, "x stands before any table", "a header such as [agent] above it"),
        ] as [(String, Int, String, String)])
    func unknownNames(text: String, line: Int, message: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.parse(Array(text.utf8), file: "a.toml")
        }
        #expect(error?.description == "a.toml:\(line): \(message) (expected \(expected))")
        #expect(error?.code == .unknownKey)
    }

    @Test("A socket's path has at most 107 bytes")
    func longSocket() throws {
        let good = "/" + String(repeating: "a", count: 106)
        #expect(try AgentConfiguration.parse(Array("[agent]\nsocket = \"\(good)\"".utf8), file: "a").socket == good)
        let error = #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.parse(Array("[agent]\nsocket = \"\(good)a\"".utf8), file: "a")
        }
        #expect(error?.message == "socket is \"\(good.prefix(80))...\"")
    }

    @Test("A file that cannot be read is one line without a line number")
    func unreadable() {
        let error = #expect(throws: ConfigurationError.self) { try AgentConfiguration.load("/nonexistent/agent.toml") }
        #expect(error?.code == .unreadable)
        #expect(error?.description.hasPrefix("/nonexistent/agent.toml: cannot read the configuration: ") == true)
    }

    @Test("Garbage of any kind never traps", arguments: 0..<20)
    func garbage(seed: UInt64) {
        var chance = CorpusChance(state: seed)
        for _ in 0..<200 {
            let bytes = (0..<Int.random(in: 0..<200, using: &chance)).map { _ in
                UInt8.random(in: .min ... .max, using: &chance)
            }
            _ = try? AgentConfiguration.parse(bytes, file: "a")
            _ = try? TOMLDocument(Array("a = \"".utf8) + bytes, file: "a")
        }
    }
}
