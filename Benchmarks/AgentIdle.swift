import HostAPI
import TestKit

/// What an agent costs a guest in which nothing happens, by how often it reports and by whether its balloon holds
/// something: time on a processor, and wake-ups.
struct AgentIdle: Benchmark {
    /// How often the agent reports.
    private static let periods = ["0s", "10s", "adaptive"]

    let row: KernelRow

    var names: [String] {
        Self.figures.flatMap { figure in Self.periods.flatMap { [name(figure, $0, ""), name(figure, $0, "_full")] } }
    }

    private static let figures = ["agent_idle_cpu", "agent_idle_wakeups_period"]

    private func name(_ figure: String, _ period: String, _ balloon: String) -> String {
        "\(figure)_\(period)\(balloon)\(row == .v6_1 ? "" : "_\(row)")"
    }

    /// What a process and its helpers did in a minute.
    private struct Rate {
        /// Milliseconds on a processor.
        var time = 0.0
        var wakeups = 0.0
    }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        // All at once, since none of these guests does anything.
        let all = try await withThrowingTaskGroup(of: (String, [(String, Rate)]).self) { group in
            for period in Self.periods { group.addTask { (period, try await rates(period, options)) } }
            var all: [String: [(String, Rate)]] = [:]
            for try await (period, rates) in group { all[period] = rates }
            return all
        }
        let rows = Self.periods.flatMap { period in
            (all[period] ?? []).map { (period: period, balloon: $0.0, rate: $0.1) }
        }
        let times = rows.map { row in
            BenchResult(
                name(Self.figures[0], row.period, row.balloon), unit: "ms per minute", peer: nil,
                runs: [.init(value: row.rate.time)])
        }
        let wakeups = rows.map { row in
            BenchResult(
                name(Self.figures[1], row.period, row.balloon), unit: "per minute", peer: nil,
                runs: [.init(value: row.rate.wakeups)])
        }
        return times + wakeups
    }

    /// With an empty balloon, and with one of half the guest.
    private func rates(_ period: String, _ options: BenchOptions) async throws -> [(String, Rate)] {
        let guestOptions = GuestOptions(
            memory: 1 << 30, kernel: row, agentConfiguration: "[policy]\nstats-period = \"\(period)\"\n",
            setup: TwoBalloons.setup)
        return try await Guest.with(guestOptions, name: "bench-agent-idle") { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let clock = ContinuousClock()
                let ready = clock.now
                try await Task.sleep(for: .seconds(5))
                let empty = try await rate(guest, seconds: options.idleSeconds)
                // A guest that has just booted gives nothing.
                let grace = Duration.seconds(65) - (clock.now - ready)
                if grace > .zero { try await Task.sleep(for: grace) }
                try await host.reach("vm", target: .bytes(600 << 20))
                try await Task.sleep(for: .seconds(15))
                return [("", empty), ("_full", try await rate(guest, seconds: options.idleSeconds))]
            }
        }
    }

    private func rate(_ guest: Guest, seconds: Int) async throws -> Rate {
        let before = try await spent(guest)
        let clock = ContinuousClock()
        let begin = clock.now
        try await Task.sleep(for: .seconds(seconds))
        let after = try await spent(guest)
        let minutes = (clock.now - begin).inSeconds / 60
        return Rate(time: (after.time - before.time) / minutes, wakeups: (after.wakeups - before.wakeups) / minutes)
    }

    /// Of the agent and its holders so far: milliseconds on a processor, and how often they came onto one.
    private func spent(_ guest: Guest) async throws -> Rate {
        guard let agent = try await guest.agentPID() else { throw BenchError("the agent does not run") }
        // Time on a processor, time waiting for one (both in nanoseconds), and how often it got one.
        let text = try await guest.sh(
            "for p in \(agent) $(pidof ballast-holder); do cat /proc/$p/task/*/schedstat; done")
        var sum = Rate()
        for line in text.split(separator: "\n") {
            let numbers = line.split(separator: " ").compactMap { Double($0) }
            guard numbers.count == 3 else { throw BenchError("not a line of schedstat: \(line)") }
            sum.time += numbers[0] / 1e6
            sum.wakeups += numbers[2]
        }
        return sum
    }
}
