import TestKit
import Wire

/// How far what the agent calls the working set is from the truth, by method, with programs that know it; and what the
/// measuring costs.
struct WorkingSetError: Benchmark {
    /// The methods, by their names in the guest's configuration.
    private static let methods: [(name: String, method: WorkingSetReport.Method)] = [
        ("mglru", .mglru), ("damon", .damon), ("damon-stat", .damonStat), ("refault", .refault),
    ]
    /// Between two looks, in seconds; and how many count for each program.
    private static let pause = 5
    private static let looks = 5

    let row: KernelRow

    var names: [String] {
        Self.methods.flatMap { ["workingset_error_\($0.name)_\(row)", "workingset_cpu_\($0.name)_\(row)"] }
    }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        // The programs sleep most of the time, so that two guests do not disturb each other.
        try await withThrowingTaskGroup(of: (Int, [BenchResult]).self) { group in
            var results: [(Int, [BenchResult])] = []
            for (index, method) in Self.methods.enumerated() {
                if index >= 2, let done = try await group.next() { results.append(done) }
                group.addTask { (index, try await measure(method.name, method.method, options)) }
            }
            for try await done in group { results.append(done) }
            return results.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private func measure(
        _ name: String, _ method: WorkingSetReport.Method, _ options: BenchOptions
    ) async throws -> [BenchResult] {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let disk = try await BenchDisk(bytes: KnownWorkload.bytes + (64 << 20), folder: folder)
        let guestOptions = GuestOptions(
            memory: 1536 << 20, kernel: row, agentConfiguration: Self.configuration(method, options),
            setup: TwoBalloons.setup, qemuArguments: disk.arguments)
        return try await Guest.with(guestOptions, name: "bench-workingset-\(name)") { guest in
            try await guest.waitForAgent()
            try await BenchDisk.mount(guest)
            let path = guest.agentSocket
            let observer = try await offThread { Locked(try AgentObserver(path: path)) }
            guard let idle = try await lookAtRest(observer, options), idle.method == method else {
                Progress.say("   \(name) on \(row): skipped, the guest's agent has it not")
                return []
            }
            var errors: [BenchResult.Run] = []
            let clock = ContinuousClock()
            let begin = clock.now
            let before = try await processorTime(guest)
            for workload in options.isQuick ? [KnownWorkload.all[0]] : KnownWorkload.all {
                let error = try await error(of: workload, guest, observer, idle: idle)
                Progress.say("   \(name) on \(row), \(workload.name): \(Statistics.text(error))")
                errors.append(.init(value: error, label: workload.name))
            }
            let minutes = (clock.now - begin).inSeconds / 60
            let cost = (try await processorTime(guest) - before) / minutes
            return [
                BenchResult("workingset_error_\(name)_\(row)", unit: "of the truth", peer: nil, runs: errors),
                BenchResult(
                    "workingset_cpu_\(name)_\(row)", unit: "ms per minute", peer: nil, runs: [.init(value: cost)]),
            ]
        }
    }

    /// Leaves the agent no other method. DAMON_STAT needs no leave, and where the kernel has it nothing else is asked.
    private static func configuration(_ method: WorkingSetReport.Method, _ options: BenchOptions) -> String {
        let (mglru, damon) = (method == .mglru ? "enable" : "off", method == .damon)
        let window = options.isQuick ? "[cache]\nidle-age = \"15s\"\n" : ""
        return "\(window)[sensors]\nmglru = \"\(mglru)\"\ndamon = \(damon)\n"
    }

    /// What the guest uses by itself; nil where its agent does not measure that. The first minute is busier than the
    /// rest.
    private func lookAtRest(_ observer: Locked<AgentObserver>, _ options: BenchOptions) async throws
        -> WorkingSetReport?
    {
        let clock = ContinuousClock()
        let begin = clock.now
        while true {
            try await Task.sleep(for: .seconds(Self.pause))
            guard let report = try await look(observer) else { return nil }
            let passed = (clock.now - begin).inSeconds
            if passed > (options.isQuick ? 20 : 75), report.method != .unspecified || passed > 90 { return report }
        }
    }

    /// The median of the errors of several looks at one program.
    private func error(
        of workload: KnownWorkload, _ guest: Guest, _ observer: Locked<AgentObserver>, idle: WorkingSetReport
    ) async throws -> Double {
        let program = try await workload.start(in: guest)
        try await eventually("the program has touched everything", within: .seconds(120)) {
            if let code = try await program.exitCode() {
                throw BenchError("the program ended with \(code): \(try await program.log())")
            }
            return try await KnownWorkload.touched(in: guest).isEmpty == false
        }
        let clock = ContinuousClock()
        let begin = clock.now
        var errors: [Double] = []
        while errors.count < Self.looks {
            try await Task.sleep(for: .seconds(Self.pause))
            // What was true when the agent looked last is not what is true now, but the programs are steady.
            let report = try await look(observer) ?? WorkingSetReport()
            let truths = try await KnownWorkload.touched(in: guest)
            let window = Double(report.windowMilliseconds) / 1000
            // Before a whole window has passed everything counts as touched: they all begin with that. What counts is
            // when the agent measured, and generations know the window from the next larger age only, at times.
            let passed = (clock.now - begin).inSeconds
            let measured = passed - Double(report.ageMilliseconds) / 1000
            guard passed > 300 || (window > 0 && measured > min(window, 110) + 30) else { continue }
            guard let truth = KnownWorkload.touched(truths, within: window), truth > 0 else { continue }
            let seen = Double(report.workingSetBytes) - Double(idle.workingSetBytes)
            errors.append(abs(seen - truth) / truth)
            guard passed < 300 else { break }
        }
        try await program.signal("TERM")
        _ = try await program.wait()
        try await guest.sh("rm -f \(BenchDisk.folder)/touched")
        return Statistics.median(errors)
    }

    private func look(_ observer: Locked<AgentObserver>) async throws -> WorkingSetReport? {
        try await offThread { try observer.with { try $0.report([.workingSet]).workingSet } }
    }

    /// Of the agent and of the kernel's DAMON threads so far, in milliseconds.
    private func processorTime(_ guest: Guest) async throws -> Double {
        guard let agent = try await guest.agentPID() else { throw BenchError("the agent does not run") }
        let text = try await guest.sh(
            """
            for f in /proc/\(agent)/task/*/schedstat; do cat $f; done
            for p in /proc/[0-9]*; do read -r name <$p/comm && case $name in kdamond*) cat $p/schedstat ;; esac; done
            true
            """)
        return text.split(separator: "\n").reduce(0) { sum, line in
            sum + (line.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e6
        }
    }
}
