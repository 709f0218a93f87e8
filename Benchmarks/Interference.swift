import TestKit

/// What a program in the guest notices while the guest gives memory away: its memory bandwidth in windows of 10 ms.
/// The same of the time before tells how much of it is the machine's own unrest.
struct Interference: Benchmark {
    private static let asked: UInt64 = 1 << 30

    let row: KernelRow

    /// The first percentile of the windows, as a share of the median of the time before.
    private struct Share {
        var disturbed = 0.0
        var undisturbed = 0.0
    }

    var names: [String] { ["interference", "interference_undisturbed"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        try await TwoBalloons.with(row, name: names[0], configuration: ReclaimThroughput.configuration) { balloons in
            var during: [BenchResult.Run] = []
            var before: [BenchResult.Run] = []
            for repetition in 0..<options.repetitions {
                var shares: [Contender: Share] = [:]
                for contender in Contender.order(repetition) {
                    let share = try await disturb(contender, balloons)
                    let (now, then) = (Statistics.text(share.disturbed), Statistics.text(share.undisturbed))
                    Progress.run(repetition, contender, "\(now) of its bandwidth, \(then) before")
                    shares[contender] = share
                }
                during.append(
                    .init(value: shares[.agent]?.disturbed ?? 0, peerValue: shares[.device]?.disturbed))
                before.append(
                    .init(value: shares[.agent]?.undisturbed ?? 0, peerValue: shares[.device]?.undisturbed))
            }
            return [
                BenchResult(names[0], unit: "of the median before", peer: Contender.peer, runs: during),
                BenchResult(names[1], unit: "of the median before", peer: Contender.peer, runs: before),
            ]
        }
    }

    private func disturb(_ contender: Contender, _ balloons: TwoBalloons) async throws -> Share {
        let guest = balloons.guest
        _ = try await balloons.fill()
        let program = try await guest.spawn("guest-tool bandwidth --bytes 64M")
        try await Task.sleep(for: .seconds(1))
        // Phases: the start, undisturbed, disturbed, and the rest.
        try await program.signal("USR1")
        try await Task.sleep(for: .seconds(3))
        let before = try guest.residentBytes()
        try await program.signal("USR1")
        try await balloons.ask(contender, for: Self.asked)
        try await balloons.waitUntilGone(Self.asked, from: before)
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
        let median = Statistics.median(undisturbed)
        return Share(
            disturbed: Statistics.quantile(disturbed, 0.01) / median,
            undisturbed: Statistics.quantile(undisturbed, 0.01) / median)
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
