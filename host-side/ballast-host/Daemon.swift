import Controller
import HostAPI
import Hummingbird
import Linux
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#endif

/// Wires the parts together and runs them until a signal.
struct Daemon {
    var policy: HostPolicy

    func run() async throws {
        // Sockets and state are made for their owner alone; the API's socket is opened up once it is bound.
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        var logger = Logger(label: "ballast-host") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: policy.logLevel) ?? .info
        try APISocket.prepare(policy.socketPath)
        let store = try StateStore(directory: policy.stateDirectory)
        let controller = HostController(
            policy: policy, stateStore: store, eventLog: EventLog(logger: logger), logger: logger)
        let api = Self.api(controller, policy: policy, logger: logger)
        // Stopped from the last to the first: no request arrives any more when the controller drains.
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: ControllerService(controller: controller),
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: api),
                .init(service: ServiceNotifier(service: controller)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        defer { unlink(policy.socketPath) }
        try await ServiceGroup(configuration: configuration).run()
    }

    /// The HTTP server; ready for systemd once it listens.
    static func api(_ service: some HostService, policy: HostPolicy, logger: Logger) -> some ApplicationProtocol {
        // Its lines on every request and start would drown what operators look for.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
            router: Routes.router(for: service),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: policy.socketPath), serverName: "ballast-host"),
            onServerRunning: { _ in
                if chmod(policy.socketPath, policy.socketMode) != 0 {
                    logger.error("the permissions of \(policy.socketPath) cannot be set; only root can connect")
                }
                logger.info("listening on \(policy.socketPath)")
                ServiceManager.ready(status: "looking after \(policy.vms.count) VMs")
            },
            logger: quiet)
    }
}

/// Runs the controller; stopping the daemon cancels it, and it returns when nothing is in flight any more.
private struct ControllerService: Service {
    let controller: HostController

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await controller.run() }
    }
}
