import SystemPackage

/// The kernel's DAMON_STAT, in `/sys/module/damon_stat/parameters` (6.17 and newer).
struct DamonStatistics: Sendable, Hashable {
    /// `memory_idle_ms_percentiles`: the idle time of each hundredth of memory, ascending, in milliseconds; below 0 or
    /// 0 where it is in use. 101 numbers, the ends included.
    var idleMilliseconds: [Int64]
    /// `estimated_memory_bandwidth`, in bytes per second.
    var bandwidth: UInt64

    /// Why it cannot be used; nil where it can.
    static func reasonAgainst(_ roots: SensorRoots) -> String? {
        guard let enabled = try? TextFile.line(folder(roots).appending("enabled")) else {
            return "the kernel has no DAMON_STAT (6.17 is the first that can)"
        }
        return enabled == "Y" ? nil : "DAMON_STAT is off (/sys/module/damon_stat/parameters/enabled)"
    }

    /// The numbers; nil where they cannot be read, or nothing was measured yet.
    static func read(_ roots: SensorRoots) -> DamonStatistics? {
        guard let text = try? TextFile.line(folder(roots).appending("memory_idle_ms_percentiles")),
            let idle = parse(text)
        else { return nil }
        let bandwidth = (try? TextFile.line(folder(roots).appending("estimated_memory_bandwidth")))
            .flatMap { UInt64($0) }
        return DamonStatistics(idleMilliseconds: idle, bandwidth: bandwidth ?? 0)
    }

    /// 101 numbers with commas between them, none less than the one before; nil for anything else.
    static func parse(_ text: String) -> [Int64]? {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = words.compactMap { Int64($0.trimmed) }
        guard words.count == 101, numbers.count == 101, zip(numbers, numbers.dropFirst()).allSatisfy({ $0 <= $1 })
        else { return nil }
        return numbers
    }

    /// The hundredths of all memory as bytes of the evictable part.
    ///
    /// DAMON_STAT watches all of memory, free and locked memory too, which is never in use: what is in use counts in
    /// full, and of the idle part the oldest is dropped until the sum is right.
    func buckets(memory: UInt64, evictable: UInt64, edges: [UInt64]) -> [IdleBucket] {
        var parts = [UInt64](repeating: 0, count: edges.count + 1)
        for milliseconds in idleMilliseconds.dropLast() {
            let age = UInt64(max(milliseconds, 0)).millisecondsAsNanoseconds
            parts[edges.firstIndex { age < $0 } ?? edges.count] += memory / 100
        }
        DamonSample.trim(&parts, to: evictable)
        return parts.indices.filter { parts[$0] > 0 }.map { index in
            IdleBucket(
                minimumIdle: index == 0 ? 0 : edges[index - 1],
                maximumIdle: index == edges.count ? nil : edges[index], unknownBytes: parts[index])
        }
    }

    /// The histogram now; nil where there is nothing to read.
    static func measure(_ roots: SensorRoots, _ now: UInt64, edges: [UInt64]) -> IdleHistogram? {
        guard let statistics = read(roots), let memory = PhysicalMemory.read(roots), let sizes = ListSizes.read(roots)
        else { return nil }
        let buckets = statistics.buckets(
            memory: memory.frameCount.multiplied(4096), evictable: sizes.anonymous.adding(sizes.file), edges: edges)
        return IdleHistogram(
            method: .damonStat, confidence: .medium,
            detail: "the kernel's DAMON_STAT, by hundredths of the largest part of memory, kinds not told apart",
            buckets: buckets, measuredAt: now)
    }

    private static func folder(_ roots: SensorRoots) -> FilePath { roots.sys.appending("module/damon_stat/parameters") }
}
