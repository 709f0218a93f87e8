import HostAPI
import TestKit

/// A guest serves files whose hot set fits its memory, and is asked for so much that the hot set would have to go. The
/// same target for every contender. Two servers run side by side, one reads its files, the other maps them.
struct CacheProtected: Benchmark {
    /// The hot and the cold files of each server, in bytes.
    private static let hot: UInt64 = 384 << 20
    /// Beside them the balloon's cushion, which stays as idle cache, is small.
    private static let cold: UInt64 = 448 << 20
    private static let servers = UInt64(FileServer.Kind.allCases.count)
    /// What the target leaves for hot files: 60 % of them.
    private static let left = hot * servers / 10 * 6
    /// All is at its default, unless it is only to be seen that all of it works.
    private static let quick = "[policy]\nboot-grace = \"0s\"\n[cache]\nidle-age = \"5s\"\n"

    let row: KernelRow

    var names: [String] {
        let kinds = [
            "cache_protected", "cache_protected_mmap", "cache_protected_off", "cache_protected_off_mmap",
            "cache_idle_given", "cache_idle_given_mmap", "cache_protected_taken",
        ]
        return kinds.map { "\($0)_\(row)" }
    }

    /// How the balloons are set.
    private enum Setting {
        /// As Ballast has it by default, beside a virtio-balloon with deflate-on-oom whose statistics are polled.
        case normal
        /// What the field sets by hand against too much reclaim: no statistics, no deflating, for both.
        case off
    }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        let turns = try await measure(.normal, repetitions: options.repetitions, options)
        // Where nothing yields by itself one look tells as much as many.
        let off = try await measure(.off, repetitions: (options.repetitions + 1) / 2, options)
        let withoutStatistics = "\(Contender.peer), no statistics, no deflating"
        return [
            result(0, "of the throughput", turns) { $0.throughput[.read] ?? 0 },
            result(1, "of the throughput", turns) { $0.throughput[.mmap] ?? 0 },
            result(2, "of the throughput", off, peer: withoutStatistics) { $0.throughput[.read] ?? 0 },
            result(3, "of the throughput", off, peer: withoutStatistics) { $0.throughput[.mmap] ?? 0 },
            result(4, "of what is idle", turns) { $0.given[.read] ?? 0 },
            result(5, "of what is idle", turns) { $0.given[.mmap] ?? 0 },
            result(6, "MiB", turns) { Double($0.held >> 20) },
        ]
    }

    private func result(
        _ index: Int, _ unit: String, _ turns: [[Contender: CacheTurn]], peer: String = Contender.peer,
        _ value: (CacheTurn) -> Double
    ) -> BenchResult {
        let runs = turns.map { turn in
            BenchResult.Run(value: turn[.agent].map(value) ?? 0, peerValue: turn[.device].map(value))
        }
        return BenchResult(names[index], unit: unit, peer: peer, runs: runs)
    }

    /// A guest of its own for each setting: deflate-on-oom is a property of the device.
    private func measure(
        _ setting: Setting, repetitions: Int, _ options: BenchOptions
    ) async throws -> [[Contender: CacheTurn]] {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let disk = try await BenchDisk(bytes: (Self.hot + Self.cold) * Self.servers + (64 << 20), folder: folder)
        return try await TwoBalloons.with(
            row, name: names[0], configuration: options.isQuick ? Self.quick : "", deflateOnOOM: setting == .normal,
            qemuArguments: disk.arguments
        ) { balloons in
            try await prepare(balloons, setting)
            var turns: [[Contender: CacheTurn]] = []
            for repetition in 0..<repetitions {
                var turn: [Contender: CacheTurn] = [:]
                for contender in Contender.order(repetition) {
                    let measured = try await measure(contender, balloons, options)
                    let name = setting == .off ? "\(contender), off" : "\(contender)"
                    Progress.run(repetition, name, measured.description)
                    turn[contender] = measured
                }
                turns.append(turn)
            }
            return turns
        }
    }

    private func prepare(_ balloons: TwoBalloons, _ setting: Setting) async throws {
        if setting == .off {
            try await balloons.setPolicy(GuestPolicyChange(statsPeriodMilliseconds: 0, deflateOnOom: .off))
        } else {
            try await balloons.pollStatistics(everySeconds: 10)
        }
        try await BenchDisk.mount(balloons.guest)
        // Writing the files takes longer than reading them; no turn should begin with it.
        for kind in FileServer.Kind.allCases {
            let server = try await FileServer(kind, hot: Self.hot, cold: Self.cold, in: balloons.guest)
            try await server.ready()
            try await server.stop()
        }
    }

    private func measure(
        _ contender: Contender, _ balloons: TwoBalloons, _ options: BenchOptions
    ) async throws -> CacheTurn {
        let guest = balloons.guest
        // Each turn finds the same: all of the files read once, none of them remembered from the turn before.
        try await BenchDisk.mount(guest)
        var servers: [FileServer] = []
        for kind in FileServer.Kind.allCases {
            servers.append(try await FileServer(kind, hot: Self.hot, cold: Self.cold, in: guest))
        }
        for server in servers { try await server.ready() }
        // The device does not ask how old anything is.
        let idle = options.isQuick || contender == .device ? 10 : 65
        let window = options.isQuick ? 4 : 16
        try await Task.sleep(for: .seconds(idle - window))
        let before = try await FileServer.throughput(servers, seconds: window)
        let found = try await resident(servers)
        let available = try await guest.meminfo()["MemAvailable"] ?? 0
        guard available > Self.left + Self.cold * Self.servers else {
            throw BenchError("only \(available >> 20) MiB are available beside the file servers")
        }
        try await balloons.askAnyway(contender, for: (available - Self.left) & ~((2 << 20) - 1))
        // How old memory is, the agent measures from the order on: which files are idle shows after a minute and more.
        let still = contender == .agent && !options.isQuick ? 100 : nil
        var turn = CacheTurn(held: try await balloons.rest(contender, still: still))
        let during = try await FileServer.throughput(servers, seconds: window + window / 2)
        turn.held = max(turn.held, try await balloons.held(contender))
        let after = try await resident(servers)
        try await balloons.giveBack(contender)
        try await Task.sleep(for: .seconds(window))
        let afterwards = try await FileServer.throughput(servers, seconds: window)
        for server in servers {
            let kind = server.kind
            let usual = ((before[kind] ?? 0) + (afterwards[kind] ?? 0)) / 2
            turn.throughput[kind] = (during[kind] ?? 0) / max(usual, 1)
            turn.given[kind] = 1 - (after[kind]?.cold ?? 0) / max(found[kind]?.cold ?? 0, 1)
            turn.kept[kind] = (after[kind]?.hot ?? 0) / max(found[kind]?.hot ?? 0, 1)
            try await server.stop()
        }
        return turn
    }

    private func resident(_ servers: [FileServer]) async throws -> [FileServer.Kind: (hot: Double, cold: Double)] {
        var result: [FileServer.Kind: (hot: Double, cold: Double)] = [:]
        for server in servers {
            let hot = Double(try await server.residentBytes(of: "hot"))
            result[server.kind] = (hot, Double(try await server.residentBytes(of: "cold")))
        }
        return result
    }
}
