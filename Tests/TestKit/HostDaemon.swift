import FoundationEssentials
import Glibc
public import HostAPI

/// A real `ballast-host` with its own socket, state and policy, for the length of a closure:
/// ```swift
/// try await HostDaemon.with(["vm": guest]) { host in
///     try await host.reach("vm", target: .percent(50))
/// }
/// ```
public final class HostDaemon: Sendable {
    /// What the policy says of a VM.
    public struct VM: Sendable {
        /// Its guest.
        public var guest: Guest
        /// Lines of TOML for its table, such as `strict = true`.
        public var policy: String

        /// The QMP socket it is given; the guest's own by default.
        public var qmp: String
        /// The channel to its agent; the guest's own by default.
        public var agent: String

        /// A VM with these lines of policy.
        public init(_ guest: Guest, policy: String = "", qmp: String? = nil, agent: String? = nil) {
            self.guest = guest
            self.policy = policy
            self.qmp = qmp ?? guest.ballastQMP
            self.agent = agent ?? guest.agentSocket
        }
    }

    private let folder: String
    private let environment: [String: String]
    private let process = Monitor<ChildProcess?>(nil)
    private let logs: String
    private let number = Monitor(0)

    /// Its API.
    public var api: HostClient { HostClient(socketPath: socket, timeout: .seconds(30)) }
    /// The path of its API's socket.
    public var socket: String { "\(folder)/host.sock" }
    /// The running daemon.
    public var child: ChildProcess {
        get throws {
            guard let child = process.with({ $0 }) else { throw KitError("ballast-host does not run") }
            return child
        }
    }

    private init(folder: String, logs: String, environment: [String: String]) {
        self.folder = folder
        self.logs = logs
        self.environment = environment
    }

    /// Starts a daemon that looks after the VMs, waits until it answers, and ends it afterwards.
    public static func with<Result: Sendable>(
        _ vms: [String: VM], environment: [String: String] = [:],
        isolation: isolated (any Actor)? = #isolation, _ body: (HostDaemon) async throws -> Result
    ) async throws -> Result {
        let folder = try Scratch.folder()
        let logs = vms.values.first?.guest.logs ?? folder
        let daemon = HostDaemon(folder: folder, logs: logs, environment: environment)
        do {
            try daemon.writePolicy(vms)
            try await daemon.start()
            let result = try await body(daemon)
            await daemon.stop()
            Scratch.remove(folder)
            return result
        } catch {
            await daemon.stop()
            Scratch.remove(folder)
            throw error
        }
    }

    /// The same for guests without further policy.
    public static func with<Result: Sendable>(
        _ guests: [String: Guest], environment: [String: String] = [:],
        isolation: isolated (any Actor)? = #isolation, _ body: (HostDaemon) async throws -> Result
    ) async throws -> Result {
        try await with(guests.mapValues { VM($0) }, environment: environment, isolation: isolation, body)
    }

    private func writePolicy(_ vms: [String: VM]) throws {
        var text = "[host]\nsocket = \"\(socket)\"\nstate-directory = \"\(folder)/state\"\nlog-level = \"debug\"\n"
        for (name, vm) in vms.sorted(by: { $0.key < $1.key }) {
            text += """

                [[vm]]
                name = "\(name)"
                qmp = "\(vm.qmp)"
                agent = "\(vm.agent)"
                \(vm.policy)

                """
        }
        try write(text, to: "\(folder)/host.toml")
    }

    /// Starts it (again) and waits until its API answers.
    public func start(environment more: [String: String] = [:]) async throws {
        let count = number.with { count in
            count += 1
            return count
        }
        let child = try ChildProcess.start(
            "ballast-host", ["--policy", "\(folder)/host.toml"],
            environment: ["BALLAST_FAILPOINT_FILE": failPoints].merging(environment) { $1 }.merging(more) { $1 },
            log: "\(logs)/ballast-host-\(count).log")
        process.with { $0 = child }
        try await eventually("ballast-host answers", within: .seconds(120)) {
            if let exit = child.exit { throw KitError("ballast-host ended with \(exit): \(child.log)") }
            return (try? await api.status()) != nil
        }
    }

    /// The file that switches fail points of the daemon on and off; see `FailPoint`.
    public var failPoints: String { "\(folder)/failpoints" }

    /// Switches fail points of the daemon on, or off with an empty text.
    public func setFailPoints(_ text: String) throws { try write(text, to: failPoints) }

    /// SIGTERM, and waits.
    public func stop() async { await process.with { $0 }?.stop() }

    /// SIGKILL, and waits.
    public func kill() async { await process.with { $0 }?.kill() }

    /// Waits until the VM is moved by that actuator.
    public func waitFor(
        _ name: String, actuator: Actuator, timeout: Duration = .seconds(300)
    ) async throws {
        do {
            try await eventually("\(name) is moved by the \(actuator) actuator", within: timeout) {
                try await api.vm(name).actuator == actuator
            }
        } catch {
            let vm = try await api.vm(name)
            throw KitError("\(error): \(vm.state) \(vm.stateDetail ?? "") \(vm.actuatorReason?.message ?? "")")
        }
    }

    /// A balloon by its agent's own numbers; asked again while the agent is too busy to answer.
    public func balloon(_ name: String) async throws -> GuestBalloon {
        var found: GuestBalloon?
        try await eventually("the agent of \(name) tells its balloon") {
            found = try? await api.guest(name, .balloon).balloon
            return found != nil
        }
        guard let found else { throw KitError("no balloon") }
        return found
    }

    /// Sets a target and waits until the balloon holds what is missing to it, or the guest stopped short of it.
    @discardableResult
    public func reach(
        _ name: String, target: TargetSize, timeout: Duration = .seconds(300)
    ) async throws -> VMDetail {
        let set = try await api.setTarget(name, target)
        let wanted = set.vm.maxBytes - set.targetBytes
        do {
            try await eventually("\(name) reaches \(set.targetBytes >> 20) MiB", within: timeout) {
                let held = try await api.vm(name).heldBytes
                return held >> 21 == wanted >> 21
            }
        } catch {
            let vm = try await api.vm(name)
            throw KitError(
                "\(error): holds \(vm.heldBytes >> 20) MiB, \(vm.limit?.message ?? "no limit"), "
                    + "\(vm.stateDetail ?? "") \(vm.outcome?.reason?.message ?? "")")
        }
        return try await api.vm(name)
    }
}
