/// A bound of the working set from the kernel's lists and from what came back: where nothing else is there.
///
/// Pages on the inactive list of page cache were used once, or not since the kernel last looked; all else counts as
/// used, anonymous memory above all, of which an idle kernel never looks at the accessed bits. Ages are not known but
/// for what probing shows to be cold.
struct RefaultMethod: Sendable {
    private let roots: SensorRoots
    private var earlier: (counters: RefaultCounters, at: UInt64)?
    /// How fast the working set came back lately, in bytes per second.
    private(set) var refaultRate: UInt64 = 0

    init(_ roots: SensorRoots) { self.roots = roots }

    /// - Parameter probe: What probing has learnt, where somebody probes.
    mutating func measure(_ now: UInt64, probe: CacheProbe?) -> IdleHistogram? {
        guard let sizes = ListSizes.read(roots), let counters = RefaultCounters.read(roots) else { return nil }
        var returned: UInt64 = 0
        if let earlier, now > earlier.at {
            let pages = counters.since(earlier.counters)
            returned = pages.activated.multiplied(4096)
            refaultRate = returned.scaled(1_000_000_000, over: now - earlier.at)
        }
        earlier = (counters, now)
        let cold = probe?.coldBytes(ofInactive: sizes.inactiveFile, now: now)
        // What came back and was activated stood on the inactive list for want of room: as much there is in use.
        let idle = min(cold ?? 0, sizes.inactiveFile.less(returned))
        let watch = probe == nil ? 0 : CacheProbe.watch
        let buckets = [
            IdleBucket(
                minimumIdle: 0, maximumIdle: nil, anonymousBytes: sizes.anonymous,
                fileBytes: sizes.file.less(idle)),
            IdleBucket(minimumIdle: watch, maximumIdle: nil, fileBytes: idle),
        ]
        let share = probe?.refaultedShare.map { "\($0 / 10) % of what probing took came back" }
        return IdleHistogram(
            method: .refault, confidence: .low,
            detail: share ?? "nobody dates memory here, and nothing was probed: all of it counts as used",
            buckets: buckets.filter { $0.bytes > 0 }, measuredAt: now)
    }
}
