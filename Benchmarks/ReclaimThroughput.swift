import TestKit

/// How fast memory that a guest has used and freed again leaves the host.
struct ReclaimThroughput: Benchmark {
    /// Without the pauses after which the balloon would grow again: filling the guest looks like distress.
    static let configuration = "[policy]\nboot-grace = \"0s\"\nhold-off = \"0s\"\nhold-off-after-oom = \"0s\"\n"
    private static let asked: UInt64 = 1 << 30

    let row: KernelRow

    var names: [String] { ["reclaim_throughput_\(row)"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        try await TwoBalloons.with(row, name: names[0], configuration: Self.configuration) { balloons in
            var runs: [BenchResult.Run] = []
            for repetition in 0..<options.repetitions {
                var speed: [Contender: Double] = [:]
                for contender in Contender.order(repetition) {
                    let seconds = try await reclaim(contender, balloons)
                    speed[contender] = Double(Self.asked >> 20) / seconds
                    Progress.run(repetition, contender, "\(Statistics.text(speed[contender] ?? 0)) MiB/s")
                }
                runs.append(.init(value: speed[.agent] ?? 0, peerValue: speed[.device]))
            }
            return [BenchResult(names[0], unit: "MiB/s", peer: Contender.peer, runs: runs)]
        }
    }

    /// Seconds from the order until 95 % of it have left the host; all is given back afterwards.
    private func reclaim(_ contender: Contender, _ balloons: TwoBalloons) async throws -> Double {
        let before = try await balloons.fill()
        let clock = ContinuousClock()
        let begin = clock.now
        try await balloons.ask(contender, for: Self.asked)
        try await balloons.waitUntilGone(Self.asked, from: before)
        let taken = clock.now - begin
        try await balloons.wait(contender, for: Self.asked)
        try await balloons.giveBack(contender)
        return taken.inSeconds
    }
}
