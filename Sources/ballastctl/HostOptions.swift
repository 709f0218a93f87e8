import ArgumentParser
import HostAPI

#if canImport(Glibc)
    import Glibc
#endif

/// The options of every command that talks to the daemon.
struct HostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket (default: $BALLAST_HOST_SOCKET, else \(APIRoute.defaultSocketPath)).",
            valueName: "path"))
    var hostSocket: String?

    @Flag(help: "Print JSON; sizes are whole numbers of bytes.")
    var json = false

    /// The client of the daemon.
    var client: HostClient { HostClient(socketPath: Self.socketPath(option: hostSocket)) }

    /// The option, else the environment, else the default.
    static func socketPath(option: String?) -> String {
        if let option { return option }
        if let value = getenv("BALLAST_HOST_SOCKET") {
            let path = String(cString: value)
            if !path.isEmpty { return path }
        }
        return APIRoute.defaultSocketPath
    }
}
