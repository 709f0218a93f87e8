import TestKit

/// What returns to the host's pool of huge pages when a guest that lies on it gives memory away.
struct HugePageReclaim: Benchmark {
    private static let asked: UInt64 = 1 << 30
    /// The guest's pages, and some that the pool keeps so that nobody runs into its end.
    private static let pages = TwoBalloons.memory / HugePages.pageBytes + 96
    /// What the fragmented guest's program spoils, a page in each 2 MiB, in bytes.
    private static let spoiled: UInt64 = 1400 << 20

    let row: KernelRow

    var names: [String] {
        ["reclaim_hugetlb_fraction", "hugetlb_assembled_fraction", "hugetlb_assembled_fraction_fragmented"]
    }

    /// What one contender took and what the pool got.
    private struct Outcome {
        var held: UInt64 = 0
        var freed: Int64 = 0

        var freedFraction: Double { held == 0 ? 0 : Double(freed) / Double(held) }
        var assembledFraction: Double { Double(held) / Double(HugePageReclaim.asked) }
    }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        guard HugePages.canHave(Self.pages * HugePages.pageBytes) else {
            Progress.say("   skipped: a pool of huge pages needs root and memory to spare")
            return []
        }
        var freed: [BenchResult.Run] = []
        var assembled: [BenchResult.Run] = []
        var fragmented: [BenchResult.Run] = []
        for repetition in 0..<options.repetitions {
            var outcomes: [Contender: Outcome] = [:]
            for contender in Contender.order(repetition) {
                let outcome = try await reclaim(contender, isFragmented: false)
                Progress.run(
                    repetition, contender, "\(outcome.freed >> 20) of \(outcome.held >> 20) MiB returned to the pool")
                outcomes[contender] = outcome
            }
            freed.append(
                .init(
                    value: outcomes[.agent]?.freedFraction ?? 0, peerValue: outcomes[.device]?.freedFraction))
            assembled.append(.init(value: outcomes[.agent]?.assembledFraction ?? 0, peerValue: nil))
            let spoiled = try await reclaim(.agent, isFragmented: true)
            Progress.run(repetition, Contender.agent, "fragmented: \(spoiled.held >> 20) MiB assembled")
            fragmented.append(.init(value: spoiled.assembledFraction, peerValue: nil))
        }
        return [
            BenchResult(names[0], unit: "of what is held", peer: Contender.peer, runs: freed),
            BenchResult(names[1], unit: "of what was asked", peer: nil, runs: assembled),
            BenchResult(names[2], unit: "of what was asked", peer: nil, runs: fragmented),
        ]
    }

    /// A guest of its own each time, all of which is backed.
    private func reclaim(_ contender: Contender, isFragmented: Bool) async throws -> Outcome {
        try await HugePages.with(pages: Self.pages) {
            try await TwoBalloons.with(
                row, name: names[0], configuration: ReclaimThroughput.configuration, backing: .hugePages(2 << 20)
            ) { balloons in
                try await balloons.guest.fill()
                if isFragmented {
                    let pins = try await balloons.guest.spawn("guest-tool pinholes --bytes \(Self.spoiled)")
                    try await eventually("pages are pinned") { try await pins.log().contains("pinned_pages") }
                }
                try await eventually("all of the guest is backed", within: .seconds(60)) {
                    try HugePages.reserved() == 0
                }
                let before = try HugePages.free()
                try await balloons.askAnyway(contender, for: Self.asked)
                var outcome = Outcome()
                var looksAlike = 0
                // How far it goes is the guest's affair; it is done when nothing has moved for two seconds.
                try await eventually("\(contender) comes to rest", within: .seconds(120), every: .milliseconds(100)) {
                    let held = try await balloons.held(contender)
                    looksAlike = held == outcome.held && held > 0 ? looksAlike + 1 : 0
                    outcome.held = held
                    return held >= Self.asked || looksAlike >= 20
                }
                outcome.freed = (Int64(try HugePages.free()) - Int64(before)) * Int64(HugePages.pageBytes)
                return outcome
            }
        }
    }
}
