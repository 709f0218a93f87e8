/// Finds demand that only grows: memory that no balloon can count on, and that ends every plan of overcommitting. Fed
/// with what cgroups need, and the guest as a whole, it keeps the *least* of each time slot, so that what a collector
/// frees again within a slot does not look like growth, and suspects a leak where these minima grew in every quarter of
/// the window without ever falling back.
///
/// Warming up and then staying (a plateau), a single step, and a sawtooth are no leaks.
public struct LeakWatch: Sendable {
    /// What counts as a leak.
    public struct Settings: Sendable, Hashable {
        /// How long demand must have grown, in nanoseconds.
        public var window: UInt64 = 3_600_000_000_000
        /// By how much at least, in bytes.
        public var minimumGrowth: UInt64 = 64 << 20
        /// By how much at least, in hundredths of a percent of the guest's memory.
        public var minimumShare: UInt64 = 200
        /// How many cgroups are watched; of more, those with the largest demand.
        public var cgroups = 256

        /// 1 hour; 64 MiB and 2 % of memory; 256 cgroups.
        public init() {}
    }

    /// A suspected leak.
    public struct Leak: Sendable, Hashable {
        /// The cgroup; empty for the guest as a whole.
        public var cgroup: String
        /// By how much it grew, in bytes.
        public var grownBytes: UInt64
        /// Within how long, in nanoseconds.
        public var window: UInt64
        /// How fast, in bytes per hour.
        public var bytesPerHour: UInt64
    }

    /// What counts as a leak.
    public let settings: Settings
    private var whole: DemandSeries
    private var groups: [String: DemandSeries] = [:]
    private var suspected: Set<String> = []
    private var memoryBytes: UInt64 = 0

    /// Watches nothing yet. A window below one minute counts as one minute.
    public init(_ settings: Settings = Settings()) {
        var settings = settings
        settings.window = max(settings.window, 60_000_000_000)
        settings.cgroups = min(max(settings.cgroups, 0), 4096)
        self.settings = settings
        whole = DemandSeries(window: settings.window)
    }

    /// How often `note` wants to be called at least, in nanoseconds: several times in each of the window's slots.
    public var interval: UInt64 { settings.window / UInt64(DemandSeries.slots) / 3 }

    /// Takes one look at the demand.
    /// - Parameters:
    ///   - cgroups: the demand of each cgroup, in bytes: `CgroupUse.demandBytes`. One that is missing for a quarter of
    ///     the window is forgotten.
    ///   - guest: the demand of the guest as a whole, without our balloon, in bytes: `MemoryInfo.demandBytes(held:)`.
    ///   - memory: the guest's memory, in bytes.
    ///   - now: a monotonic clock, in nanoseconds.
    /// - Returns: leaks that were not suspected before this look.
    public mutating func note(
        cgroups: [(path: String, demandBytes: UInt64)], guest: UInt64, memory: UInt64, now: UInt64
    ) -> [Leak] {
        memoryBytes = memory
        let tolerance = leastGrowth / 8
        whole.note(guest, now: now, tolerance: tolerance)
        for (path, demand) in cgroups where !path.isEmpty {
            groups[path, default: DemandSeries(window: settings.window)]
                .note(demand, now: now, tolerance: tolerance)
        }
        groups = groups.filter { now.less($0.value.lastSeen) <= settings.window / 4 }
        if groups.count > settings.cgroups {
            let kept = groups.sorted { ($0.value.lastBytes, $1.key) > ($1.value.lastBytes, $0.key) }
                .prefix(settings.cgroups)
            groups = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
        }
        let found = leaks
        let new = found.filter { !suspected.contains($0.cgroup) }
        suspected = Set(found.map(\.cgroup))
        return new
    }

    /// Takes one look at what the sensors saw at the same time.
    /// - Parameters:
    ///   - held: what our own balloon holds, in bytes: it looks like anonymous memory of the guest.
    ///   - now: a monotonic clock, in nanoseconds.
    /// - Returns: leaks that were not suspected before this look.
    public mutating func note(
        _ found: CgroupConsumers, _ info: MemoryInfo, held: UInt64, now: UInt64
    ) -> [Leak] {
        note(
            cgroups: found.consumers.map { ($0.watchedPath, $0.demandBytes) }, guest: info.demandBytes(held: held),
            memory: info.total, now: now)
    }

    /// Every leak suspected now: the guest as a whole first, then cgroups, the fastest first.
    public var leaks: [Leak] {
        var leaks: [Leak] = []
        if let leak = leak(whole, "") { leaks.append(leak) }
        leaks += groups.compactMap { leak($0.value, $0.key) }
            .sorted { ($0.bytesPerHour, $1.cgroup) > ($1.bytesPerHour, $0.cgroup) }
        return leaks
    }

    /// How fast a cgroup's demand grows, leak or not, in bytes per hour; 0 where it does not grow, and where too little
    /// is known.
    public func growth(ofCgroup path: String) -> UInt64 { groups[path]?.bytesPerHour ?? 0 }

    /// How fast the guest's demand grows, leak or not, in bytes per hour.
    public var growth: UInt64 { whole.bytesPerHour ?? 0 }

    /// How many cgroups are watched.
    public var watched: Int { groups.count }

    /// Forgets everything: after the guest was suspended or its memory changed.
    public mutating func reset() {
        whole = DemandSeries(window: settings.window)
        groups = [:]
        suspected = []
    }

    /// The least growth that is suspected, in bytes.
    private var leastGrowth: UInt64 {
        max(settings.minimumGrowth, memoryBytes.portion(settings.minimumShare, of: 10_000), 1)
    }

    private func leak(_ series: DemandSeries, _ cgroup: String) -> Leak? {
        guard let growth = series.steadyGrowth, growth.bytes >= leastGrowth else { return nil }
        return Leak(
            cgroup: cgroup, grownBytes: growth.bytes, window: growth.nanoseconds,
            bytesPerHour: series.bytesPerHour ?? 0)
    }
}
