import ArgumentParser
import Controller
import HostAPI
import Logging
import SystemPackage

/// The host daemon: parses its command line, reads the policy, and runs.
@main
struct BallastHost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ballast-host",
        abstract: "Moves memory between the guests of this host while they run.",
        discussion: """
            Reads which VMs to look after from a policy file (see docs/host-policy.md), connects to their VMMs and \
            agents, and serves an HTTP API on a unix socket (see docs/host-api.md). ballastctl is its client. Stops in \
            order on SIGTERM and SIGINT: what is in flight is finished first.
            """,
        version: BallastVersion.current)

    @Option(help: ArgumentHelp("The policy file.", valueName: "path"))
    var policy = PolicyFile.defaultPath

    @Option(help: ArgumentHelp("Listen here instead of where the policy says.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Keep state here instead of where the policy says.", valueName: "path"))
    var stateDirectory: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical, instead of what the policy says.",
            valueName: "level"))
    var logLevel: String?

    @Flag(help: "Check the policy file, say what is wrong with it, and exit.")
    var checkPolicy = false

    func validate() throws {
        if let logLevel, Logger.Level(rawValue: logLevel) == nil {
            throw ValidationError("\"\(logLevel)\" is no log level.")
        }
    }

    func run() async throws {
        var policy: HostPolicy
        do {
            policy = try PolicyFile.load(self.policy)
        } catch {
            throw Self.failure("\(error)")
        }
        if checkPolicy {
            print("\(self.policy) is a good policy for \(policy.vms.count) VM\(policy.vms.count == 1 ? "" : "s")")
            return
        }
        policy.socketPath = socket ?? policy.socketPath
        policy.stateDirectory = stateDirectory ?? policy.stateDirectory
        policy.logLevel = logLevel ?? policy.logLevel
        do {
            try await Daemon(policy: policy).run()
        } catch let error as any CustomStringConvertible & Error {
            throw Self.failure("ballast-host: \(error)")
        }
    }

    private static func failure(_ text: String) -> ExitCode {
        _ = try? FileDescriptor.standardError.writeAll((text + "\n").utf8)
        return ExitCode(ExitStatus.error.rawValue)
    }
}
