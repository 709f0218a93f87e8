import Linux
import SystemPackage

/// The working set from a random sample of page frames that DAMON watches.
struct DamonMethod: Sendable {
    /// How often each frame is looked at, in nanoseconds: the resolution of ages. A read waits for up to two of it.
    static let interval: UInt64 = 5_000_000_000

    private let roots: SensorRoots
    private let tree: DamonTree
    private let frames: [UInt64]
    private let frameCount: UInt64
    private let began: UInt64
    private let edges: [UInt64]

    /// Starts the monitoring thread.
    /// - Parameters:
    ///   - samples: How many frames it watches. The error of a share `p` of memory is about √(p(1−p)÷samples).
    ///   - edges: The ages at which the histogram has its bounds, in nanoseconds.
    init(_ roots: SensorRoots, samples: Int, edges: [UInt64], seed: UInt64, now: UInt64) throws(LinuxError) {
        guard let memory = PhysicalMemory.read(roots) else {
            throw LinuxError(
                code: .permission, operation: "/proc/iomem does not show where memory is",
                remedy: "DAMON needs CAP_SYS_ADMIN")
        }
        self.roots = roots
        self.edges = edges
        tree = DamonTree(roots)
        frameCount = memory.frameCount
        frames = memory.sample(samples, size: 1, seed: seed)
        began = now
        try tree.start(frames: frames, interval: Self.interval / 1000)
    }

    /// Stops the thread and leaves DAMON to others.
    func stop() { try? tree.remove() }

    /// What the monitoring thread used of processors, in nanoseconds.
    var cost: UInt64 { tree.process.flatMap { ProcessorTime.ofProcess($0, roots) } ?? 0 }

    /// Reads the sample. Blocks for up to two intervals.
    func measure(_ now: UInt64, clock: () -> UInt64) throws(LinuxError) -> IdleHistogram {
        let idle = try tree.idleFrames()
        let after = max(clock(), now)
        let sample = DamonSample(
            frames: frames, idle: idle, flags: flags(), frameCount: frameCount, interval: Self.interval)
        let sizes = ListSizes.read(roots)
        let buckets = sample.buckets(at: edges, sizes: sizes)
        let watched = after.less(began)
        let confidence: IdleHistogram.Confidence =
            watched >= 75_000_000_000 ? (sizes == nil ? .medium : .high) : (watched >= 20_000_000_000 ? .medium : .low)
        let detail =
            confidence == .high
            ? "\(frames.count) page frames chosen at random, watched for \(watched / 1_000_000_000) s"
            : "\(frames.count) page frames chosen at random, watched for \(watched / 1_000_000_000) s only"
        return IdleHistogram(
            method: .damon, confidence: confidence, detail: detail, buckets: buckets, measuredAt: after)
    }

    private func flags() -> [UInt64: PageFlags] {
        guard var reader = PageFlagsReader(roots) else { return [:] }
        var flags: [UInt64: PageFlags] = [:]
        for frame in frames { flags[frame] = reader.flags(from: frame, count: 1).first }
        return flags
    }
}
