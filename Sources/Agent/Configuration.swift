import Governor
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
    /// Time between audits of held chunks, 0 for none; `[balloon] audit-period`.
    public var auditPeriod = 60 * DurationText.second

    /// Time between unasked reports, 0 for none; `[policy] stats-period`.
    public var statsPeriod: UInt64 = 0
    /// When the balloon yields without being asked; `[policy] deflate-on-oom`.
    public var deflateOnOom = DeflateOnOom.oom
    /// Whether the host may change the policies at run time; `[policy] allow-policy-change`.
    public var allowPolicyChange = true
    /// Time without inflation after a release below the watermark; `[policy] hold-off`.
    public var holdOff = 10 * DurationText.second
    /// Time without inflation after an OOM kill; `[policy] hold-off-after-oom`.
    public var holdOffAfterOOM = 100 * DurationText.second

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
        for table in document.tables {
            try ConfigurationKeys.check(table, file: file)
            for entry in table.entries {
                try configuration.take(ConfigurationReader(table: table.name, entry: entry, file: file))
            }
        }
        return configuration
    }

    private mutating func take(_ reader: ConfigurationReader) throws(ConfigurationError) {
        switch reader.name {
        case "agent.port": port = try reader.portName()
        case "agent.socket": socket = try reader.socketPath()
        case "agent.runtime-directory": runtimeDirectory = try reader.absolutePath()
        case "agent.log-level":
            logLevel = try reader.choice([
                ("error", .error), ("warning", .warning), ("notice", .notice), ("info", .info), ("debug", .debug),
            ])
        case "balloon.enabled": balloonEnabled = try reader.boolean()
        case "balloon.chunk":
            chunkBytes = try reader.size(
                2 * ByteSize.mebibyte...32 * ByteSize.mebibyte, multipleOf: ByteSize.hugePage, example: "32MiB")
        case "balloon.slots": slots = try reader.integer(1...4)
        case "balloon.holders": holders = try reader.integer(1...16)
        case "balloon.holder-slice": holderSlice = try reader.sliceName()
        case "balloon.floor": floorBytes = try reader.size(0...1024 * ByteSize.tebibyte, example: "1GiB")
        case "balloon.watermark":
            watermarkBytes = try reader.sizeOrAuto(
                64 * ByteSize.mebibyte...1024 * ByteSize.tebibyte, example: "256MiB")
        case "balloon.fill-rate":
            fillRate = try reader.size(64 * ByteSize.mebibyte...64 * ByteSize.gibibyte, example: "2GiB")
        case "balloon.audit-period":
            auditPeriod = try reader.duration(
                DurationText.second...24 * DurationText.hour, orZero: true, example: "60s")
        case "policy.stats-period":
            statsPeriod = try reader.duration(
                100 * DurationText.millisecond...24 * DurationText.hour, orZero: true,
                wholeUnit: DurationText.millisecond, example: "10s")
        case "policy.deflate-on-oom": deflateOnOom = try reader.deflateOnOom()
        case "policy.allow-policy-change": allowPolicyChange = try reader.boolean()
        case "policy.hold-off":
            holdOff = try reader.duration(0...24 * DurationText.hour, orZero: false, example: "10s")
        case "policy.hold-off-after-oom":
            holdOffAfterOOM = try reader.duration(0...24 * DurationText.hour, orZero: false, example: "100s")
        default: throw reader.fault("\(reader.name) is not understood", expected: "a known key")
        }
    }
}
