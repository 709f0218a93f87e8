import Balloon
import Glibc
import Linux
import TestKit

/// How near the guest's own part of a reclaim comes to its limit: the bare cost of populating that much memory. Holders
/// run here, without a guest, and every chunk is acknowledged at once; what is left is mapping, populating, locking,
/// pinning, reading frames, stamping, and the orders in between.
struct ReclaimOfLimit: Benchmark {
    private static let bytes = 1 << 30

    var names: [String] { ["reclaim_of_limit"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        if let reason = StrongPin.unavailableReason() {
            Progress.say("   skipped: \(reason)")
            return []
        }
        guard (try? Capabilities.effective().contains(.sysAdmin)) == true else {
            Progress.say("   skipped: seeing frames needs CAP_SYS_ADMIN; run it as root")
            return []
        }
        let program = try Layout.program("ballast-agent")
        var runs: [BenchResult.Run] = []
        // Where this machine is itself a guest, its own host may have to provide the memory first: not our time.
        _ = try await offThread { try Self.populate() }
        for repetition in 0..<options.repetitions {
            var balloon = 0.0
            var bare = 0.0
            for contender in Contender.order(repetition) {
                if contender == .agent {
                    balloon = try await offThread {
                        try HolderCrowd(executable: program).inflate(bytes: Self.bytes, chunkBytes: 32 << 20)
                    }
                    Progress.run(repetition, contender, "\(Statistics.text(balloon * 1000)) ms")
                } else {
                    bare = try await offThread { try Self.populate() }
                    Progress.run(repetition, "populating alone", "\(Statistics.text(bare * 1000)) ms")
                }
            }
            runs.append(.init(value: bare / balloon, peerValue: 1))
        }
        return [BenchResult(names[0], unit: "of the bare speed", peer: "MADV_POPULATE_WRITE alone", runs: runs)]
    }

    /// Seconds of populating that much memory in one go, with huge pages.
    private static func populate() throws -> Double {
        let begin = MonotonicClock.now()
        let memory = try Memory.mapAnonymous(bytes: bytes)
        try Memory.advise(memory, .hugePage)
        try Memory.populate(memory)
        let taken = MonotonicClock.now() - begin
        try Memory.unmap(memory)
        return Double(taken) / 1e9
    }
}
