public import Governor
public import Linux
import SystemPackage
public import Wire

/// What the guest's owner decided: the agent's configuration file, or its defaults. Durations are in nanoseconds.
public struct AgentConfiguration: Sendable, Equatable {
    /// Name of the virtio-serial port; `[agent] port`.
    public var port = "org.ballast.agent.0"
    /// Path of the administrator's unix socket, empty for none; `[agent] socket`.
    public var socket = "/run/ballast/agent.sock"
    /// Folder of what must survive a restart of the agent; `[agent] runtime-directory`.
    public var runtimeDirectory = "/run/ballast"
    /// The file that tells everyone in the guest how much memory there is, empty for none; `[agent] status-file`.
    public var statusFile = "/run/ballast/status.json"
    /// The socket that systemd-oomd tells before it kills, empty for none; `[agent] oomd-hook`.
    public var oomdHook = "/run/systemd/oomd.prekill.hook/ballast"
    /// The least urgent lines that are logged; `[agent] log-level`.
    public var logLevel = Journal.Priority.info

    /// Whether the agent may hold memory; `[balloon] enabled`.
    public var balloonEnabled = true
    /// A full chunk in bytes, a multiple of 2 MiB; `[balloon] chunk`.
    public var chunkBytes = 32 * ByteSize.mebibyte
    /// The most chunks in flight; `[balloon] slots`.
    public var slots = 4
    /// Holder processes; `[balloon] holders`.
    public var holders = 4
    /// The systemd slice of the holders' scopes; `[balloon] holder-slice`.
    public var holderSlice = "ballastholders.slice"
    /// What must stay available besides the curve, in bytes; `[balloon] floor`.
    public var floorBytes: UInt64 = 0
    /// The watermark in bytes, nil for automatic; `[balloon] watermark`.
    public var watermarkBytes: UInt64?
    /// Fastest plausible allocation of one processor, in bytes a second; `[balloon] fill-rate`.
    public var fillRate = Watermark.defaultFillRate
    /// Growth beside a little pressure or after a release, in bytes a second, nil for automatic;
    /// `[balloon] inflate-rate`.
    public var inflateRate: UInt64?
    /// Time between audits of held chunks, 0 for none; `[balloon] audit-period`.
    public var auditPeriod = 60 * DurationText.second

    /// Time between unasked reports, 0 for none; `[policy] stats-period`. Not in force where it is adaptive.
    public var statsPeriod: UInt64 = 0
    /// Whether the agent chooses the time between reports; `[policy] stats-period = "adaptive"`.
    public var statsAdaptive = false
    /// The shortest adaptive time between reports; `[policy] adaptive-minimum`.
    public var adaptiveMinimum = DurationText.second
    /// The longest adaptive time between reports; `[policy] adaptive-maximum`.
    public var adaptiveMaximum = DurationText.minute
    /// When the balloon yields without being asked; `[policy] deflate-on-oom`.
    public var deflateOnOom = DeflateOnOom.pressure
    /// What becomes of the balloon without a controller; `[policy] on-controller-loss`.
    public var onControllerLoss = OnControllerLoss.holdBalloon
    /// Time without a controller after which `release-after` releases; `[policy] release-after`.
    public var releaseAfter = 10 * DurationText.minute
    /// Time without inflation after a release below the watermark; `[policy] hold-off`.
    public var holdOff = 10 * DurationText.second
    /// Time without inflation after an OOM kill; `[policy] hold-off-after-oom`.
    public var holdOffAfterOOM = 100 * DurationText.second
    /// Time without inflation after boot; `[policy] boot-grace`.
    public var bootGrace = 60 * DurationText.second
    /// How long an ask for memory stands unless it is renewed; `[policy] ask-hold`.
    public var askHold = 10 * DurationText.second
    /// Whether the balloon yields before systemd-oomd, the kubelet or earlyoom kill; `[policy] other-killers`.
    public var otherKillers = true
    /// How far above their thresholds, in bytes, nil for automatic; `[policy] killer-margin`.
    public var killerMarginBytes: UInt64?
    /// What may be changed at run time; the caps in `[policy]`.
    public var limits = PolicyLimits()

    /// What memory pressure means; `[pressure]`.
    public var pressure = PressureRules()
    /// What page cache is worth; `[cache] idle-age` and `leave-alone`.
    public var cache = CacheRules()
    /// What may be reclaimed and compacted; `[cache] reclaim`, `reclaim-anonymous` and `compact`. What the kernel
    /// supports is found out later.
    public var reclaim = ReclaimRules()
    /// The vsock listener; `[vsock]`.
    public var vsock = VsockSettings()
    /// What the agent may sense; `[sensors]`.
    public var sensors = SensorSettings()

    /// Whether the host may change policies at run time; `[policy] allow-policy-change`.
    public var allowPolicyChange: Bool { limits.allowChange }

    /// The defaults.
    public init() {}

    /// Reads a file.
    public static func load(_ path: String) throws(ConfigurationError) -> AgentConfiguration {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(FilePath(path))
        } catch {
            throw ConfigurationError(
                .unreadable, file: path, line: 0, "cannot read the configuration: \(error)",
                expected: "a readable file of at most 1 MiB")
        }
        return try parse(bytes, file: path)
    }

    /// Reads a document. `file` is named in errors.
    public static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> AgentConfiguration {
        let document = try TOMLDocument(bytes, file: file)
        var configuration = AgentConfiguration()
        var readers: [ConfigurationReader] = []
        for table in document.tables {
            try ConfigurationKeys.check(table, file: file)
            for entry in table.entries {
                let reader = ConfigurationReader(table: table.name, entry: entry, file: file)
                try configuration.take(reader)
                readers.append(reader)
            }
        }
        try configuration.checkTogether(readers)
        return configuration
    }
}
