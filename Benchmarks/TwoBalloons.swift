import HostAPI
import TestKit

/// A guest that has both balloons: Ballast's agent with a real `ballast-host`, and a virtio-balloon device that is
/// moved over QMP. One of them is empty while the other is measured.
struct TwoBalloons {
    static let memory: UInt64 = 2 << 30
    /// What an ordinary guest's init does: the kernel's debugging files are there.
    static let setup = "mount -t debugfs debugfs /sys/kernel/debug\n"
    /// No repetition waits for the grace after boot.
    static let withoutGrace = "[policy]\nboot-grace = \"0s\"\n"
    private static let name = "vm"
    private static let patience = Duration.seconds(120)

    let guest: Guest
    let host: HostDaemon

    static func with<Result: Sendable>(
        _ row: KernelRow, name: String, configuration: String = withoutGrace, backing: GuestOptions.Backing = .memfd,
        deflateOnOOM: Bool = true, qemuArguments: [String] = [], _ body: (TwoBalloons) async throws -> Result
    ) async throws -> Result {
        let options = GuestOptions(
            memory: memory, kernel: row, backing: backing, balloonDevice: .init(deflateOnOOM: deflateOnOOM),
            agentConfiguration: configuration, setup: setup, qemuArguments: qemuArguments)
        return try await Guest.with(options, name: "bench-\(name)") { guest in
            try await HostDaemon.with([Self.name: HostDaemon.VM(guest, policy: "actuator = \"agent\"")]) { host in
                try await host.waitFor(Self.name, actuator: .agent)
                return try await body(TwoBalloons(guest: guest, host: host))
            }
        }
    }

    /// Touches the guest's memory until the host backs nearly all of it, and returns what it backs. One filling leaves
    /// a little untouched, and what the host never backed cannot leave it.
    func fill() async throws -> UInt64 {
        var resident: UInt64 = 0
        for _ in 0..<2 {
            try await guest.fill()
            resident = try guest.residentBytes()
            if resident + (32 << 20) >= Self.memory { break }
        }
        Progress.say("   the host backs \(resident >> 20) of \(Self.memory >> 20) MiB")
        return resident
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

    /// Starts to take that much or what there is of it.
    func askAnyway(_ contender: Contender, for bytes: UInt64) async throws {
        if contender == .device { return try await ask(.device, for: bytes) }
        _ = try await host.api.setTarget(Self.name, .bytes(Self.memory - bytes))
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

    /// Waits until the host's residency has dropped by 95 % of what was asked, or all of that is gone but for 16 MiB:
    /// where the host had not backed all of the guest, less can leave it.
    func waitUntilGone(_ asked: UInt64, from before: UInt64) async throws {
        let bytes = max(before - asked / 100 * 95, Self.memory - asked + (16 << 20))
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while true {
            let resident = try guest.residentBytes()
            if resident <= bytes { return }
            guard clock.now < deadline else {
                throw BenchError("the host still backs \(resident >> 20) MiB, \(bytes >> 20) MiB were expected")
            }
            try await Task.sleep(for: .milliseconds(5))
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

    /// Sets the policies of the guest's agent.
    func setPolicy(_ change: GuestPolicyChange) async throws {
        _ = try await host.api.setGuestPolicy(Self.name, change)
    }

    /// Has QEMU ask the device for its statistics that often; 0 for never.
    func pollStatistics(everySeconds seconds: Int) async throws {
        try await guest.qmp.execute(
            "qom-set",
            [
                "path": "/machine/peripheral/balloon0", "property": "guest-stats-polling-interval",
                "value": .integer(Int64(seconds)),
            ])
    }

    /// Waits until the contender's balloon has not moved for a while (`seconds`), wherever it came to rest, and returns
    /// what it holds, in bytes.
    func rest(_ contender: Contender, still seconds: Int? = nil) async throws -> UInt64 {
        var last: UInt64 = 0
        var still = 0
        // The agent goes in steps, and looks at what each did before the next.
        let enough = seconds ?? (contender == .agent ? 15 : 5)
        let deadline = ContinuousClock().now + max(Self.patience, .seconds(3 * enough))
        while still < enough, ContinuousClock().now < deadline {
            try await Task.sleep(for: .seconds(1))
            let held = try await held(contender)
            still = held == last ? still + 1 : 0
            last = held
        }
        return last
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
