import Glibc
import GuestMemory
public import HostAPI
public import Logging

/// All VMs of the policy, behind the interface of the API.
public actor HostController: HostService {
    private let store: StateStore
    private let events: EventLog
    private let logger: Logger
    private let started = Timestamp.now
    private let controllers: [String: VMController]
    private let ledger: HugePageLedger

    /// Controllers for the VMs that `policy` names. Nothing happens before ``run()``.
    public init(policy: HostPolicy, stateStore: StateStore, eventLog: EventLog, logger: Logger) {
        store = stateStore
        events = eventLog
        self.logger = logger
        let ledger = HugePageLedger(marginBytes: policy.hugePageMarginBytes)
        self.ledger = ledger
        controllers = Dictionary(
            policy.vms.map {
                ($0.name, VMController(policy: $0, store: stateStore, events: eventLog, ledger: ledger, logger: logger))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Works until the task is cancelled; returns when nothing is in flight any more.
    public func run() async throws {
        events.append(.started, "ballast-host \(BallastVersion.current) looks after \(controllers.count) VMs")
        for problem in store.problems { events.append(.state, problem, level: .error) }
        await withTaskGroup(of: Void.self) { group in
            for controller in controllers.values { group.addTask { await controller.run() } }
            group.addTask { await self.watchHugePages() }
        }
        events.append(.stopping, "ballast-host stops")
    }

    /// Looks ten times a second whether others drain the pool that the guests' missing pages must come from.
    private func watchHugePages() async {
        while !Task.isCancelled {
            if ledger.missingBytes > 0, case .back(let why) = ledger.verdict() {
                await withTaskGroup(of: Void.self) { group in
                    for controller in controllers.values { group.addTask { await controller.poolIsDrained(why) } }
                }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func controller(_ name: String) throws -> VMController {
        guard let controller = controllers[name] else {
            throw APIError(
                code: .notFound, message: "the policy names no VM \"\(name)\"",
                remedy: "`ballastctl list` shows those it names")
        }
        return controller
    }

    private func details() async -> [VMDetail] {
        var details: [VMDetail] = []
        for name in controllers.keys.sorted() {
            if let controller = controllers[name] { details.append(await controller.detail()) }
        }
        return details
    }

    // MARK: HostService

    /// The daemon itself.
    public func status() async -> HostStatus {
        let details = await details()
        let seconds = (Timestamp.now.milliseconds - started.milliseconds) / 1000
        return HostStatus(
            version: BallastVersion.current, paused: store.isPaused, pausedSince: store.pausedSince, started: started,
            uptimeSeconds: UInt64(clamping: seconds), vmCount: details.count,
            connectedCount: details.count { $0.qmp.connected }, pid: getpid())
    }

    /// All VMs, by name.
    public func vms() async -> [VMSummary] { await details().map { VMSummary($0) } }

    /// One VM.
    public func vm(named name: String) async throws -> VMDetail { try await controller(name).detail() }

    /// Stores a target and gives it to the actuator.
    public func setTarget(_ target: TargetSize, ofVM name: String) async throws -> SetTargetResponse {
        try await controller(name).setTarget(target)
    }

    /// Gives a VM everything back.
    public func release(vm name: String) async throws -> ReleaseResult { try await controller(name).release() }

    /// Gives every VM everything back; goes on past those that do not answer.
    public func releaseAll() async throws -> ReleaseAllResponse {
        let results = await withTaskGroup(of: ReleaseResult.self) { group in
            for (name, controller) in controllers {
                group.addTask {
                    do {
                        return try await controller.release()
                    } catch {
                        let known = error as? APIError ?? APIError(code: .failed, message: "\(error)")
                        return ReleaseResult(vm: name, releasedBytes: 0, error: known)
                    }
                }
            }
            var results: [ReleaseResult] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.vm < $1.vm }
        }
        return ReleaseAllResponse(results: results)
    }

    /// Switches the kill switch on.
    public func pause() async throws -> HostStatus { try await setPaused(true) }

    /// Switches the kill switch off.
    public func resume() async throws -> HostStatus { try await setPaused(false) }

    private func setPaused(_ paused: Bool) async throws -> HostStatus {
        if store.isPaused != paused {
            try store.setPaused(paused)
            events.append(paused ? .paused : .resumed, paused ? "no change is started any more" : "changes start again")
            for controller in controllers.values { await controller.pauseChanged() }
        }
        return await status()
    }

    /// Events after `since`.
    public func events(since: UInt64?, wait: Duration, limit: Int) async -> EventPage {
        await events.page(since: since, limit: limit, wait: wait)
    }

    /// Asks the guest now.
    public func guestReport(ofVM name: String, topic: GuestTopic) async throws -> GuestReport {
        try await controller(name).report(topic)
    }

    /// Changes policies of a guest.
    public func setGuestPolicy(_ change: GuestPolicyChange, ofVM name: String) async throws -> GuestPolicy {
        try await controller(name).setPolicy(change)
    }
}
