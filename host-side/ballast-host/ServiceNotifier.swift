import Controller
import Linux
import ServiceLifecycle

/// Tells the service manager that the daemon is alive, as long as it answers; and that it stops, when it does.
struct ServiceNotifier<Host: HostService>: Service {
    let service: Host

    func run() async throws {
        await withGracefulShutdownHandler {
            let interval = ServiceManager.watchdogInterval().map { Duration.nanoseconds(Int64(clamping: $0 / 2)) }
            try? await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    // Without a watchdog there is nothing to do but to wait for the end.
                    try await Task.sleep(for: interval ?? .seconds(3600))
                    // A controller that hangs answers nothing, and the service manager restarts the daemon.
                    if interval != nil, (try? await service.status()) != nil { ServiceManager.watchdog() }
                }
            }
        } onGracefulShutdown: {
            ServiceManager.stopping()
        }
    }
}
