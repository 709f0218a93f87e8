import TestKit

/// What a program in the guest notices while the guest gives memory away: its memory bandwidth in windows of 10 ms.
struct Interference: Benchmark {
    private static let asked: UInt64 = 1 << 30

    let row: KernelRow

    var names: [String] { ["interference"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        try await TwoBalloons.with(row, name: names[0], configuration: ReclaimThroughput.configuration) { balloons in
            var runs: [BenchResult.Run] = []
            for repetition in 0..<options.repetitions {
                var share: [Contender: Double] = [:]
                for contender in Contender.order(repetition) {
                    share[contender] = try await disturb(contender, balloons)
                    Progress.run(repetition, contender, "\(Statistics.text(share[contender] ?? 0)) of its bandwidth")
                }
                runs.append(.init(value: share[.agent] ?? 0, peerValue: share[.device]))
            }
            return [BenchResult(names[0], unit: "of undisturbed", peer: Contender.peer, runs: runs)]
        }
    }

    /// The first percentile of the windows while memory is taken, as a share of the median before.
    private func disturb(_ contender: Contender, _ balloons: TwoBalloons) async throws -> Double {
        let guest = balloons.guest
        try await guest.fill()
        let program = try await guest.spawn("guest-tool bandwidth --bytes 64M")
        try await Task.sleep(for: .seconds(1))
        // Phases: the start, undisturbed, disturbed, and the rest.
        try await program.signal("USR1")
        try await Task.sleep(for: .seconds(3))
        let before = try guest.residentBytes()
        try await program.signal("USR1")
        try await balloons.ask(contender, for: Self.asked)
        try await balloons.waitForResidency(atMost: before - Self.asked / 100 * 95)
        try await program.signal("USR1")
        try await program.signal("TERM")
        guard try await program.wait() == 0 else {
            throw BenchError("the program failed: \(try await program.log())")
        }
        let report = try JSON(parsing: try await program.log())
        let undisturbed = Self.windows(report["phases"][1])
        let disturbed = Self.windows(report["phases"][2])
        guard undisturbed.count > 10, !disturbed.isEmpty else {
            throw BenchError("too few windows: \(undisturbed.count) before, \(disturbed.count) while")
        }
        try await balloons.wait(contender, for: Self.asked)
        try await balloons.giveBack(contender)
        return Statistics.quantile(disturbed, 0.01) / Statistics.median(undisturbed)
    }

    private static func windows(_ phase: JSON) -> [Double] {
        phase.elements.compactMap {
            switch $0 {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        }
    }
}
