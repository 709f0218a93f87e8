/// Why the balloon is smaller than its target asks for, why it was released, or why the guest asks for memory.
public struct Reason: WireEnum {
    /// The number on the wire.
    public let rawValue: Int32

    /// Any number is kept, so that a newer peer's value survives.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Not given.
    public static let noReason = Reason(rawValue: 0)
    /// One more step would take MemAvailable below the guest's floor.
    public static let floor = Reason(rawValue: 1)
    /// MemAvailable fell below the headroom watermark.
    public static let watermark = Reason(rawValue: 2)
    /// Memory pressure (PSI) or refaults.
    public static let memoryPressure = Reason(rawValue: 3)
    /// A hold-off after a release under distress is running.
    public static let holdOff = Reason(rawValue: 4)
    /// A kernel zone that pinned pages must come from is near its watermark.
    public static let zone = Reason(rawValue: 5)
    /// A memory limit (memory.max or memory.high) of the holders' cgroups or their ancestors.
    public static let cgroupLimit = Reason(rawValue: 6)
    /// vm.overcommit_memory=2 leaves no commit charge for more.
    public static let overcommit = Reason(rawValue: 7)
    /// The kernel offers no strong pin (io_uring is missing or disabled).
    public static let noPin = Reason(rawValue: 8)
    /// The session's host may not discard (Hello.agent_balloon is false).
    public static let notPermitted = Reason(rawValue: 9)
    /// The host refused the chunks that were offered.
    public static let hostRefused = Reason(rawValue: 10)
    /// The guest's administrator forbade inflation for a while.
    public static let hold = Reason(rawValue: 11)
    /// The agent or the guest is stopping.
    public static let stopping = Reason(rawValue: 12)
    /// An OOM kill was seen in the guest.
    public static let oomKill = Reason(rawValue: 13)
    /// The kernel could not provide the memory (population or pinning failed).
    public static let allocation = Reason(rawValue: 14)
    /// Asked for by the host or by an administrator.
    public static let requested = Reason(rawValue: 15)
    /// A holder process died.
    public static let holderDied = Reason(rawValue: 16)
    /// Since: 0.2. The guest booted less than a minute ago: what it will need is not known yet.
    public static let bootGrace = Reason(rawValue: 17)
    /// Recently evicted pages come back: what looked idle is in use.
    public static let refaults = Reason(rawValue: 18)
    /// The step would cut into page cache that is in use.
    public static let cacheFloor = Reason(rawValue: 19)
    /// The step would come near the threshold at which systemd-oomd, kubelet or earlyoom kill.
    public static let otherKiller = Reason(rawValue: 20)
    /// The controller was away for longer than the policy on-controller-loss allows.
    public static let controllerLost = Reason(rawValue: 21)
    /// The guest hibernates: its image must fit.
    public static let hibernation = Reason(rawValue: 22)
    /// Swap traffic in both directions.
    public static let thrashing = Reason(rawValue: 23)
    /// The guest's demand grows.
    public static let demand = Reason(rawValue: 24)
    /// Demand that only grows.
    public static let leak = Reason(rawValue: 25)

    /// Names of the known values, in the schema's spelling without its prefix, lower case with hyphens.
    public static let names: [Int32: StaticString] = [
        0: "none",
        1: "floor",
        2: "watermark",
        3: "memory-pressure",
        4: "hold-off",
        5: "zone",
        6: "cgroup-limit",
        7: "overcommit",
        8: "no-pin",
        9: "not-permitted",
        10: "host-refused",
        11: "hold",
        12: "stopping",
        13: "oom-kill",
        14: "allocation",
        15: "requested",
        16: "holder-died",
        17: "boot-grace",
        18: "refaults",
        19: "cache-floor",
        20: "other-killer",
        21: "controller-lost",
        22: "hibernation",
        23: "thrashing",
        24: "demand",
        25: "leak",
    ]
}
