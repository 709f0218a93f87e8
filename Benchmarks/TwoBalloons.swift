import HostAPI
import TestKit

/// A guest that has both balloons: Ballast's agent with a real `ballast-host`, and a virtio-balloon device that is
/// moved over QMP. One of them is empty while the other is measured.
struct TwoBalloons {
    static let memory: UInt64 = 2 << 30
    private static let name = "vm"
    private static let patience = Duration.seconds(600)

    let guest: Guest
    let host: HostDaemon

    static func with<Result: Sendable>(
        _ row: KernelRow, name: String, configuration: String = "", _ body: (TwoBalloons) async throws -> Result
    ) async throws -> Result {
        let options = GuestOptions(
            memory: memory, kernel: row, balloonDevice: .init(deflateOnOOM: true), agentConfiguration: configuration)
        return try await Guest.with(options, name: "bench-\(name)") { guest in
            try await HostDaemon.with([Self.name: HostDaemon.VM(guest, policy: "actuator = \"agent\"")]) { host in
                try await host.waitFor(Self.name, actuator: .agent)
                return try await body(TwoBalloons(guest: guest, host: host))
            }
        }
    }

    /// Starts to take that much and returns at once.
    func ask(_ contender: Contender, for bytes: UInt64) async throws {
        switch contender {
        case .agent:
            let answer = try await host.api.setTarget(Self.name, .bytes(Self.memory - bytes))
            if let outcome = answer.vm.outcome, outcome.answer != .accepted {
                throw BenchError("the agent does not take it all: \(outcome.reason?.message ?? "no reason given")")
            }
        case .device:
            try await guest.qmp.execute("balloon", ["value": .integer(Int64(Self.memory - bytes))])
        }
    }

    /// What the contender's balloon holds by its own account, in bytes.
    func held(_ contender: Contender) async throws -> UInt64 {
        switch contender {
        case .agent: return try await host.api.vm(Self.name).heldBytes
        case .device:
            guard let actual = try await guest.qmp.execute("query-balloon")["actual"].integer else {
                throw BenchError("query-balloon does not say what is there")
            }
            return Self.memory - min(Self.memory, UInt64(clamping: actual))
        }
    }

    /// Waits until the contender holds what it was asked for, to 2 MiB.
    func wait(_ contender: Contender, for bytes: UInt64) async throws {
        try await eventually("\(contender) takes \(bytes >> 20) MiB", within: Self.patience, every: .milliseconds(20)) {
            try await held(contender) >> 21 == bytes >> 21
        }
    }

    /// Waits until the host's residency has dropped to `bytes`; returns the highest that was seen.
    @discardableResult
    func waitForResidency(atMost bytes: UInt64, every pause: Duration = .milliseconds(5)) async throws -> UInt64 {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        var highest: UInt64 = 0
        while true {
            let resident = try guest.residentBytes()
            highest = max(highest, resident)
            if resident <= bytes { return highest }
            guard clock.now < deadline else {
                throw BenchError("the host still backs \(resident >> 20) MiB, \(bytes >> 20) MiB were expected")
            }
            try await Task.sleep(for: pause)
        }
    }

    /// Gives everything back and waits for it.
    func giveBack(_ contender: Contender) async throws {
        switch contender {
        case .agent: _ = try await host.api.release(Self.name)
        case .device: try await guest.qmp.execute("balloon", ["value": .integer(Int64(Self.memory))])
        }
        try await wait(contender, for: 0)
    }

    /// Asks again until the agent is ready to inflate: after it yielded it holds off for a while.
    func askPatiently(_ contender: Contender, for bytes: UInt64) async throws {
        let deadline = ContinuousClock().now + Self.patience
        while true {
            do {
                return try await ask(contender, for: bytes)
            } catch {
                guard ContinuousClock().now < deadline else { throw error }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

extension Duration {
    /// As a floating point number.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
