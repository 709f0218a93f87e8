import Governor

/// What the agent may sense, and how often; `[sensors]`. Durations are in nanoseconds.
public struct SensorSettings: Sendable, Equatable {
    /// The multi-generational LRU; `mglru`.
    public var mglru = LRUGenerations.auto
    /// Whether the agent may run a DAMON context of its own, which costs processor time; `damon`. DAMON_STAT, which
    /// costs nothing more where the kernel runs it, is read in any case.
    public var damon = false
    /// Time between measurements of the working set while somebody needs them, 0 for none; `working-set-period`.
    public var workingSetPeriod = 30 * DurationText.second
    /// Window over which demand that only grows counts as a leak, 0 for none; `leak-window`.
    public var leakWindow = DurationText.hour
    /// Cgroups whose pressure counts beside the system's: paths below the cgroup root with a leading slash, at most
    /// 16; `pressure-cgroups`.
    public var pressureCgroups: [String] = []

    /// The defaults.
    public init() {}
}
