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
            ["guest", "--unix", "/x", "pressure"],
            ["guest", "--serial", "/x", "balloon"], ["guest", "web1", "set-policy", "--stats-period", "0"],
            ["guest", "--unix", "/x", "set-policy", "--deflate-on-oom", "off"],
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
            (["guest", "--serial", "/x", "set-policy", "--stats-period", "5s"], "only look"),
            (["guest", "--unix", "/x", "--serial", "/y", "memory"], "not both"),
            (["guest", "web1", "memory", "--watch", "1ms"], "100ms"),
        ])
    func refused(arguments: [String], word: String) {
        let error = #expect(throws: (any Error).self) { _ = try Ballastctl.parseAsRoot(arguments) }
        guard let error else { return }
        #expect(Ballastctl.exitCode(for: error).rawValue == ExitStatus.usage.rawValue)
        #expect(Ballastctl.fullMessage(for: error).contains(word), "\(Ballastctl.fullMessage(for: error))")
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
