import TestKit

/// How long a program stands still that demands more than the balloon has left, and whether anybody is killed for it.
struct OOMStalls: Benchmark {
    /// What the balloon leaves available, and what the program then demands; both in bytes.
    private static let left: UInt64 = 512 << 20
    private static let demand: UInt64 = 1228 << 20
    /// Pauses are cut short so that the next repetition need not wait for them.
    private static let configuration = "[policy]\nhold-off = \"2s\"\nhold-off-after-oom = \"2s\"\n"

    /// What one demand led to.
    private struct Outcome {
        /// The longest time that touching one page took, in milliseconds.
        var stall = 0.0
        var innocentKills = 0
    }

    let row: KernelRow

    var names: [String] { ["oom_worst_stall_ms", "oom_worst_stall_max_ms", "oom_innocent_kills"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        try await TwoBalloons.with(row, name: names[0], configuration: Self.configuration) { balloons in
            var stalls: [BenchResult.Run] = []
            var kills: [BenchResult.Run] = []
            _ = try await balloons.fill()
            for repetition in 0..<options.repetitions {
                var outcomes: [Contender: Outcome] = [:]
                for contender in Contender.order(repetition) {
                    let outcome = try await demand(contender, balloons)
                    Progress.run(
                        repetition, contender,
                        "\(Statistics.text(outcome.stall)) ms, \(outcome.innocentKills) innocent kills")
                    outcomes[contender] = outcome
                }
                stalls.append(
                    .init(value: outcomes[.agent]?.stall ?? 0, peerValue: outcomes[.device]?.stall))
                kills.append(
                    .init(
                        value: Double(outcomes[.agent]?.innocentKills ?? 0),
                        peerValue: outcomes[.device].map { Double($0.innocentKills) }))
            }
            let peer = "\(Contender.peer), deflate-on-oom"
            return [
                BenchResult(names[0], unit: "ms", peer: peer, runs: stalls),
                BenchResult(names[1], unit: "ms", peer: peer, runs: stalls, summary: Statistics.highest),
                BenchResult(names[2], unit: "kills", peer: peer, runs: kills, summary: Statistics.sum),
            ]
        }
    }

    private func demand(_ contender: Contender, _ balloons: TwoBalloons) async throws -> Outcome {
        let guest = balloons.guest
        let available = try await guest.meminfo()["MemAvailable"] ?? 0
        guard available > Self.left + (1 << 30) else {
            throw BenchError("only \(available >> 20) MiB are available in the guest: something was not given back")
        }
        let taken = (available - Self.left) & ~((2 << 20) - 1)
        try await balloons.askPatiently(contender, for: taken)
        try await balloons.wait(contender, for: taken)
        let killedBefore = guest.oomKills().count
        let hog = try await guest.spawn("guest-tool hog --bytes \(Self.demand) --status /run/hog.status")
        try await hog.wait(timeout: .seconds(600))
        // Also of one that was killed: its status file says how far it came.
        let status = try JSON(parsing: try await guest.sh("cat /run/hog.status"))
        guard let longest = status["longest_fault_us"].integer else {
            throw BenchError("the allocator reports nothing: \(status.text)")
        }
        let kills = guest.oomKills().dropFirst(killedBefore)
        try await balloons.giveBack(contender)
        return Outcome(
            stall: Double(longest) / 1000, innocentKills: kills.count { $0.name != "ballast-holder" })
    }
}
