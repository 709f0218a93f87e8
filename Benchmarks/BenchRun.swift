import TestKit

/// All benchmarks, one after the other.
struct BenchRun {
    let options: BenchOptions

    func run() async throws -> [BenchResult] {
        let rows = KernelRow.available
        guard let first = rows.first else {
            throw BenchError("no guest kernel is in the cache; scripts/guest-images fetches them")
        }
        var benchmarks: [any Benchmark] = rows.map { ReclaimThroughput(row: $0) }
        benchmarks += rows.map { CacheProtected(row: $0) } as [any Benchmark]
        benchmarks += rows.map { WorkingSetError(row: $0) } as [any Benchmark]
        benchmarks += rows.map { OOMStalls(row: $0) } as [any Benchmark]
        benchmarks += rows.map { AgentIdle(row: $0) } as [any Benchmark]
        benchmarks += [
            HugePageReclaim(row: first), Overshoot(row: first), Interference(row: first), AgentAtRest(row: first),
            VsockLink(row: first),
            ReclaimOfLimit(),
        ]
        func isMeant(_ benchmark: any Benchmark, by only: String) -> Bool {
            // A full name means that one alone, even where another begins with it.
            let isName = benchmarks.contains { $0.names.contains(only) }
            return benchmark.names.contains { isName ? $0 == only : $0.hasPrefix(only) }
        }
        for only in options.only where !benchmarks.contains(where: { isMeant($0, by: only) }) {
            let names = benchmarks.flatMap(\.names).joined(separator: ", ")
            throw BenchError("no benchmark's name begins with '\(only)': there are \(names)")
        }
        let wanted = benchmarks.filter { benchmark in
            options.only.isEmpty || options.only.contains { isMeant(benchmark, by: $0) }
        }
        var results: [BenchResult] = []
        for benchmark in wanted {
            Progress.say("== \(benchmark.names.joined(separator: ", "))")
            let measured = try await benchmark.run(options)
            for result in measured { Progress.say("   \(result)") }
            results += measured
            // What was measured so far outlives a failure of the next.
            _ = try ResultsFile.write(results, only: options.only)
        }
        return results
    }
}
