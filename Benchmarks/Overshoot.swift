import TestKit

/// How much more memory the host needs for a while when a guest that never touched its memory is asked for half of it:
/// a balloon that has to touch pages before it can give them makes the host back them first.
struct Overshoot: Benchmark {
    private static let asked: UInt64 = 1 << 30

    let row: KernelRow

    var names: [String] { ["overshoot"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        var runs: [BenchResult.Run] = []
        for repetition in 0..<options.repetitions {
            var overshoot: [Contender: Double] = [:]
            for contender in Contender.order(repetition) {
                // A guest of its own each time: a second look would find memory that the first has touched.
                overshoot[contender] = try await TwoBalloons.with(row, name: names[0]) { balloons in
                    try await inflate(contender, balloons)
                }
                Progress.run(repetition, contender, "\(Statistics.text(overshoot[contender] ?? 0)) MiB")
            }
            runs.append(.init(value: overshoot[.agent] ?? 0, peerValue: overshoot[.device]))
        }
        return [BenchResult(names[0], unit: "MiB", peer: Contender.peer, runs: runs)]
    }

    /// The highest residency above the start while the balloon inflates, in MiB.
    private func inflate(_ contender: Contender, _ balloons: TwoBalloons) async throws -> Double {
        let guest = balloons.guest
        let before = try guest.residentBytes()
        let watch = Task {
            var highest: UInt64 = 0
            while !Task.isCancelled {
                highest = max(highest, try guest.residentBytes())
                try? await Task.sleep(for: .milliseconds(10))
            }
            return highest
        }
        defer { watch.cancel() }
        try await balloons.ask(contender, for: Self.asked)
        try await balloons.wait(contender, for: Self.asked)
        watch.cancel()
        let highest = max(before, try await watch.value)
        return Double(highest - before) / Double(1 << 20)
    }
}
