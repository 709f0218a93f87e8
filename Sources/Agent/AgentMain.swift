import Glibc
import Governor
import Linux
import SystemPackage

/// The command line of the agent.
public enum AgentMain {
    /// Where the configuration is unless the command line says otherwise.
    public static let defaultConfiguration = "/etc/ballast/agent.toml"

    private static let usage = """
        Usage: ballast-agent [--config FILE] [COMMAND]

        Without a command the agent runs, as root in a guest, and gives memory back to the guest's host when ballast-host
        asks for it.

          --config FILE      the configuration (default \(defaultConfiguration); without that file the
                             defaults hold)
          --check-config     say whether the configuration is good, and end: exit status 0 or 1
          --sensors [--json] say what can be sensed in this guest, and why not
          --release-all      ask the running agent to give the whole balloon back, and wait for it
              --hold TIME    and allow no inflation for so long: 10m, 1h, ... or forever
              --hibernation  because the guest hibernates
              --wait TIME    wait no longer than this (default 20s)
          --end-hold         ask the running agent to allow inflation again
              --hibernation  only as far as the hibernation had forbidden it
          --version          print the version
          --help             print this

        Exit status of --release-all and --end-hold: 0 done, 2 no agent is running, 3 not in time, 1 anything else.
        """

    /// Runs a command; returns the exit status: 0 stopped, checked or done, 1 failed, 64 wrong usage.
    public static func run(_ arguments: [String]) -> Int32 {
        let command: AgentCommand
        let path: String?
        do {
            (command, path) = try AgentCommand.parse(Array(arguments.dropFirst()))
        } catch {
            return fail("\(error.message)\n\n\(usage)", 64)
        }
        switch command {
        case .version:
            print("ballast-agent \(AgentVersion.current)")
            return 0
        case .help:
            print(usage)
            return 0
        default: break
        }
        let configuration: AgentConfiguration
        do {
            configuration =
                path == nil && !SmallFile.exists(FilePath(defaultConfiguration))
                ? AgentConfiguration() : try AgentConfiguration.load(path ?? defaultConfiguration)
        } catch {
            return fail("\(error)", 1)
        }
        switch command {
        case .checkConfiguration:
            print("\(path ?? defaultConfiguration): good")
            return 0
        case .sensors(let json): return SensorListing.run(configuration, json: json)
        case .releaseAll(let options): return AdminRequest.releaseAll(configuration, options)
        case .endHold(let hibernating): return AdminRequest.endHold(configuration, hibernating: hibernating)
        default: return runAgent(configuration)
        }
    }

    private static func runAgent(_ configuration: AgentConfiguration) -> Int32 {
        guard geteuid() == 0 else {
            return fail("ballast-agent must run as root: it pins pages and reads frame numbers", 1)
        }
        do {
            try AgentLoop(configuration: configuration, log: AgentLog(threshold: configuration.logLevel)).run()
            return 0
        } catch {
            return fail("\(error)", 1)
        }
    }

    static func fail(_ message: String, _ status: Int32) -> Int32 {
        Journal.send(.error, message)
        return status
    }
}
