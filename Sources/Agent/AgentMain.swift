import Glibc
import Linux
import SystemPackage

/// The command line of the agent.
public enum AgentMain {
    /// Where the configuration is unless the command line says otherwise.
    public static let defaultConfiguration = "/etc/ballast/agent.toml"

    private static let usage = """
        Usage: ballast-agent [--config FILE] [--check-config] [--version] [--help]

          --config FILE    the configuration (default \(defaultConfiguration); without that file the
                           defaults hold)
          --check-config   say whether the configuration is good, and end: exit status 0 or 1
          --version        print the version
          --help           print this

        The agent runs as root in a guest and gives memory back to the guest's host when ballast-host asks for it.
        """

    /// Runs the agent; returns the exit status: 0 stopped or checked, 1 failed, 64 wrong usage.
    public static func run(_ arguments: [String]) -> Int32 {
        var path: String?
        var check = false
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            switch argument {
            case "--config":
                guard let value = rest.popFirst() else { return fail("--config needs a file", 64) }
                path = value
            case "--check-config": check = true
            case "--version":
                print("ballast-agent \(AgentVersion.current)")
                return 0
            case "--help", "-h":
                print(usage)
                return 0
            default:
                if argument.hasPrefix("--config=") {
                    path = String(argument.dropFirst(9))
                } else {
                    return fail("unknown argument \(argument)\n\n\(usage)", 64)
                }
            }
        }
        let configuration: AgentConfiguration
        do {
            configuration =
                path == nil && !SmallFile.exists(FilePath(defaultConfiguration))
                ? AgentConfiguration() : try AgentConfiguration.load(path ?? defaultConfiguration)
        } catch {
            return fail("\(error)", 1)
        }
        if check {
            print("\(path ?? defaultConfiguration): good")
            return 0
        }
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

    private static func fail(_ message: String, _ status: Int32) -> Int32 {
        Journal.send(.error, message)
        return status
    }
}
