import HostAPI
import TestKit

/// How long a program stands still that demands more than the balloon has left, and whether anybody is killed for it.
struct OOMStalls: Benchmark {
    /// What the balloon leaves available, and what the program then demands; both in bytes.
    private static let left: UInt64 = 512 << 20
    private static let demand: UInt64 = 1228 << 20
    /// Pauses are cut short so that the next repetition need not wait for them.
    private static let configuration = "[policy]\nboot-grace = \"0s\"\nhold-off = \"2s\"\nhold-off-after-oom = \"2s\"\n"

    /// Whose balloon, and with which policy.
    private enum Party: CaseIterable, CustomStringConvertible {
        /// Ballast with `deflate-on-oom = pressure`, its default.
        case pressure
        /// Ballast with `deflate-on-oom = oom`.
        case oom
        case device

        var contender: Contender { self == .device ? .device : .agent }

        var description: String {
            switch self {
            case .pressure: "Ballast"
            case .oom: "Ballast, deflate-on-oom = oom"
            case .device: "\(Contender.peer), deflate-on-oom"
            }
        }

        /// All, and another one first each time.
        static func order(_ repetition: Int) -> [Party] {
            let first = repetition % allCases.count
            return Array(allCases[first...] + allCases[..<first])
        }
    }

    /// What one demand led to.
    private struct Outcome {
        /// The longest time that touching one page took, in milliseconds.
        var stall = 0.0
        var innocentKills = 0
    }

    let row: KernelRow

    /// The kernel belongs to the name, but for the one that these figures were first taken with.
    private var suffix: String { row == .v6_1 ? "" : "_\(row)" }

    var names: [String] {
        ["oom_worst_stall_ms", "oom_worst_stall_max_ms", "oom_innocent_kills"].flatMap {
            ["\($0)\(suffix)", "\($0)_policy_oom\(suffix)"]
        }
    }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        try await TwoBalloons.with(row, name: names[0], configuration: Self.configuration) { balloons in
            var all: [[Party: Outcome]] = []
            _ = try await balloons.fill()
            for repetition in 0..<options.repetitions {
                var outcomes: [Party: Outcome] = [:]
                for party in Party.order(repetition) {
                    let outcome = try await demand(party, balloons)
                    Progress.run(
                        repetition, party,
                        "\(Statistics.text(outcome.stall)) ms, \(outcome.innocentKills) innocent kills")
                    outcomes[party] = outcome
                }
                all.append(outcomes)
            }
            return results(all)
        }
    }

    /// Each figure beside the device's, and beside that of the other policy.
    private func results(_ all: [[Party: Outcome]]) -> [BenchResult] {
        func result(
            _ name: String, _ unit: String, beside peer: Party, _ summary: ([Double]) -> Double,
            _ value: (Outcome) -> Double
        ) -> BenchResult {
            let runs = all.map { outcomes in
                BenchResult.Run(
                    value: outcomes[.pressure].map(value) ?? 0, peerValue: outcomes[peer].map(value))
            }
            let against = peer == .oom ? "_policy_oom" : ""
            return BenchResult("\(name)\(against)\(suffix)", unit: unit, peer: "\(peer)", runs: runs, summary: summary)
        }
        return [Party.device, .oom].flatMap { peer in
            [
                result("oom_worst_stall_ms", "ms", beside: peer, Statistics.median) { $0.stall },
                result("oom_worst_stall_max_ms", "ms", beside: peer, Statistics.highest) { $0.stall },
                result("oom_innocent_kills", "kills", beside: peer, Statistics.sum) { Double($0.innocentKills) },
            ]
        }
    }

    private func demand(_ party: Party, _ balloons: TwoBalloons) async throws -> Outcome {
        let guest = balloons.guest
        let contender = party.contender
        if party != .device {
            try await balloons.setPolicy(GuestPolicyChange(deflateOnOom: party == .oom ? .oom : .pressure))
        }
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
