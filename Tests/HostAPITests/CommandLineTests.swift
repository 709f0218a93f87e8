import ArgumentParser
import HostAPI
import Testing

@testable import ballastctl

@Suite("The command line")
struct CommandLineTests {
    @Test(
        "Commands are understood",
        arguments: [
            ["list"], ["list", "--json"], ["status"], ["show", "web1"], ["set-target", "web1", "512M"],
            ["set-target", "web1", "50%", "--wait", "--timeout", "90s"], ["release", "web1"], ["release", "--all"],
            ["pause"], ["resume", "--host-socket", "/x"], ["events"], ["events", "-f", "--since", "5"],
            ["guest", "web1", "memory"], ["guest", "web1", "all", "--watch", "1s"],
            ["guest", "--unix", "/x", "pressure"], ["guest", "--socket", "/x", "pressure"],
            ["guest", "--vsock", "3", "memory", "--watch", "1s"], ["guest", "--vsock", "3", "--port", "701", "all"],
            ["guest", "--unix", "/x", "--port", "701", "top"], ["guest", "--vsock", "1", "memory"],
            ["guest", "--serial", "/x", "balloon"], ["guest", "web1", "set-policy", "--stats-period", "0"],
            ["guest", "--socket", "/x", "set-policy", "--deflate-on-oom", "off"],
            ["guest", "web1", "workingset"], ["guest", "web1", "working-set", "--ascii"], ["guest", "web1", "top"],
            ["guest", "web1", "prices", "--json"], ["guest", "web1", "sensors"], ["guest", "web1", "watch"],
            ["guest", "web1", "watch", "--watch", "5s"], ["guest", "web1", "events", "-f"],
            ["guest", "--unix", "/x", "events"], ["guest", "--serial", "/x", "events"], ["guest", "memory"],
            ["guest", "hold", "memory"], ["guest", "hold", "1h"], ["guest", "hold", "forever"],
            ["guest", "hold", "--end"], ["guest", "--socket", "/x", "hold", "90s"],
            ["guest", "web1", "set-policy", "--stats-period", "adaptive", "--on-controller-loss", "hold"],
            ["guest", "set-policy", "--on-controller-loss", "release-after=10m"],
        ])
    func accepted(arguments: [String]) throws {
        _ = try Ballastctl.parseAsRoot(arguments)
    }

    @Test(
        "Wrong usage ends with status 64 and says what is expected",
        arguments: [
            (["lost"], "Unexpected"), (["show"], "<vm>"), (["set-target", "web1"], "<size>"),
            (["set-target", "web1", "12Q"], "512M"), (["set-target", "web1", "101%"], "50%"),
            (["set-target", "web1", "1G", "--timeout", "soon"], "500ms"), (["release"], "--all"),
            (["release", "web1", "--all"], "--all"), (["events", "--limit", "0"], "1000"),
            (["guest", "web1"], "memory"), (["guest", "web1", "secrets"], "pressure"),
            (["guest", "--unix", "/x", "web1", "memory"], "no VM"),
            (["guest", "web1", "set-policy"], "--stats-period"),
            (["guest", "web1", "memory", "--stats-period", "5s"], "set-policy"),
            (["guest", "web1", "set-policy", "--stats-period", "5ms"], "100 ms"),
            (["guest", "web1", "set-policy", "--deflate-on-oom", "never"], "pressure"),
            (["guest", "--unix", "/x", "--serial", "/y", "memory"], "one of"),
            (["guest", "--vsock", "2", "memory"], "guest-cid"), (["guest", "--vsock", "vm", "memory"], "above 2"),
            (["guest", "--vsock", "3", "--port", "0", "memory"], "port"),
            (["guest", "--serial", "/x", "--port", "5", "memory"], "--vsock"),
            (["guest", "--vsock", "3", "hold", "1h"], "inside the guest"),
            (["guest", "web1", "memory", "--watch", "1ms"], "100ms"),
            (["guest", "web1", "hold", "1h"], "inside the guest"),
            (["guest", "--serial", "/x", "hold", "1h"], "pause"),
            (["guest", "hold"], "forever"), (["guest", "hold", "soon"], "500ms"), (["guest", "hold", "0"], "--end"),
            (["guest", "hold", "1h", "--end"], "1h"), (["guest", "web1", "memory", "--end"], "hold"),
            (["guest", "web1", "memory", "pressure"], "too many"), (["guest", "web1", "memory", "-f"], "events"),
            (["guest", "web1", "events", "--watch", "1s"], "asking"),
            (["guest", "web1", "memory", "--on-controller-loss", "hold"], "set-policy"),
            (["guest", "web1", "set-policy", "--on-controller-loss", "release-after"], "release-after=10m"),
            (["guest", "web1", "set-policy", "--on-controller-loss", "release-after=1ms"], "7 days"),
            (["guest", "web1", "set-policy", "--on-controller-loss", "panic"], "neither"),
            (["guest", "web1", "set-policy", "--stats-period", "sometimes"], "500ms"),
        ])
    func refused(arguments: [String], word: String) {
        let error = #expect(throws: (any Error).self) { _ = try Ballastctl.parseAsRoot(arguments) }
        guard let error else { return }
        #expect(Ballastctl.exitCode(for: error).rawValue == ExitStatus.usage.rawValue)
        #expect(Ballastctl.fullMessage(for: error).contains(word), "\(Ballastctl.fullMessage(for: error))")
    }

    @Test("Whom the words of guest mean, and what")
    func guestWords() throws {
        func read(_ words: String..., at place: GuestPlace? = nil, end: Bool = false) throws -> (GuestPlace, GuestVerb)
        {
            try GuestVerb.read(words, at: place, end: end)
        }
        #expect(try read("web1", "workingset") == (.vm("web1"), .ask(.workingSet)))
        #expect(try read("web1", "watch") == (.vm("web1"), .watch))
        #expect(try read("top") == (.local(GuestPlace.agentSocket), .ask(.top)))
        #expect(try read("top", at: .local("/x")) == (.local("/x"), .ask(.top)))
        // A VM may be called like a verb.
        #expect(try read("hold", "memory") == (.vm("hold"), .ask(.memory)))
        #expect(try read("memory", "memory") == (.vm("memory"), .ask(.memory)))
        #expect(try read("hold", "1h") == (.local(GuestPlace.agentSocket), .hold(milliseconds: 3_600_000)))
        #expect(try read("hold", "1d", at: .local("/x")) == (.local("/x"), .hold(milliseconds: 86_400_000)))
        #expect(try read("hold", "forever").1 == .hold(milliseconds: .max))
        #expect(try read("hold", end: true).1 == .hold(milliseconds: 0))
    }

    @Test("The options of set-policy are one change")
    func policyOptions() throws {
        func change(_ arguments: String...) throws -> GuestPolicyChange {
            try GuestPolicyOptions.parse(arguments).change
        }
        #expect(try change("--stats-period", "0") == GuestPolicyChange(statsPeriodMilliseconds: 0))
        #expect(try change("--stats-period", "adaptive") == GuestPolicyChange(adaptive: true))
        #expect(
            try change("--on-controller-loss", "release-after=10m", "--deflate-on-oom", "pressure")
                == GuestPolicyChange(
                    deflateOnOom: .pressure, onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 600_000))
        #expect(try change().isEmpty)
    }

    @Test("Exit statuses are those documented")
    func statuses() {
        #expect(APIError.Code.allCases.map { $0.exitStatus.rawValue } == [1, 3, 5, 4, 1])
        #expect(APIError.Code.allCases.map(\.httpStatus) == [400, 404, 409, 503, 500])
    }

    @Test("Help names every command")
    func help() {
        let help = Ballastctl.helpMessage(columns: 100)
        for command in ["list", "show", "set-target", "release", "pause", "resume", "events", "guest", "status"] {
            #expect(help.contains(command))
        }
        #expect(help.contains("5 refused"))
    }
}
