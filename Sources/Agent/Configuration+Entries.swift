import Governor
import Linux
import Wire

extension AgentConfiguration {
    private static let largest = 1024 * ByteSize.tebibyte
    private static let day = 24 * DurationText.hour

    /// Takes one entry of a file.
    mutating func take(_ reader: ConfigurationReader) throws(ConfigurationError) {
        switch reader.table {
        case "agent": try takeAgent(reader)
        case "balloon": try takeBalloon(reader)
        case "policy": try takePolicy(reader)
        case "cache": try takeCache(reader)
        case "pressure": try takePressure(reader)
        case "sensors": try takeSensors(reader)
        case "vsock": try takeVsock(reader)
        default: throw reader.unknown
        }
    }

    /// Refuses values that do not go together; the later of the two lines is blamed.
    func checkTogether(_ readers: [ConfigurationReader]) throws(ConfigurationError) {
        func last(_ names: String...) -> ConfigurationReader? { readers.last { names.contains($0.name) } }
        if adaptiveMinimum > adaptiveMaximum,
            let reader = last("policy.adaptive-minimum", "policy.adaptive-maximum")
        {
            throw reader.fault(
                "adaptive-minimum \(DurationText.exact(adaptiveMinimum)) is longer than adaptive-maximum "
                    + DurationText.exact(adaptiveMaximum), expected: "a minimum that is at most the maximum")
        }
        if pressure.releaseSome <= pressure.inflateSome,
            let reader = last("pressure.inflate-some", "pressure.release-some")
        {
            throw reader.fault(
                "release-some \(Percent.exact(pressure.releaseSome)) is not above inflate-some "
                    + Percent.exact(pressure.inflateSome),
                expected: "a balloon that stops to grow before it yields")
        }
    }

    private mutating func takeAgent(_ reader: ConfigurationReader) throws(ConfigurationError) {
        switch reader.key {
        case "port": port = try reader.portName()
        case "socket": socket = try reader.socketPath()
        case "runtime-directory": runtimeDirectory = try reader.absolutePath()
        case "status-file": statusFile = try reader.absolutePath(orNone: "for no file")
        case "oomd-hook": oomdHook = try reader.socketPath()
        case "log-level":
            logLevel = try reader.choice([
                ("error", .error), ("warning", .warning), ("notice", .notice), ("info", .info), ("debug", .debug),
            ])
        default: throw reader.unknown
        }
    }

    private mutating func takeBalloon(_ reader: ConfigurationReader) throws(ConfigurationError) {
        switch reader.key {
        case "enabled": balloonEnabled = try reader.boolean()
        case "chunk":
            chunkBytes = try reader.size(
                2 * ByteSize.mebibyte...32 * ByteSize.mebibyte, multipleOf: ByteSize.hugePage, example: "32MiB")
        case "slots": slots = try reader.integer(1...4)
        case "holders": holders = try reader.integer(1...16)
        case "holder-slice": holderSlice = try reader.sliceName()
        case "floor": floorBytes = try reader.size(0...Self.largest, example: "1GiB")
        case "watermark":
            watermarkBytes = try reader.sizeOrAuto(64 * ByteSize.mebibyte...Self.largest, example: "256MiB")
        case "fill-rate":
            fillRate = try reader.size(64 * ByteSize.mebibyte...64 * ByteSize.gibibyte, example: "2GiB")
        case "inflate-rate":
            inflateRate = try reader.sizeOrAuto(2 * ByteSize.mebibyte...64 * ByteSize.gibibyte, example: "512MiB")
        case "audit-period":
            auditPeriod = try reader.duration(DurationText.second...Self.day, orZero: true, example: "60s")
        default: throw reader.unknown
        }
    }

    private mutating func takePolicy(_ reader: ConfigurationReader) throws(ConfigurationError) {
        let periods = 100 * DurationText.millisecond...Self.day
        let adaptive = DurationText.second / 10...DurationText.hour
        switch reader.key {
        case "stats-period":
            let period = try reader.statsPeriod(periods)
            (statsAdaptive, statsPeriod) = (period == nil, period ?? 0)
        case "adaptive-minimum":
            adaptiveMinimum = try reader.milliseconds(adaptive, example: "1s")
        case "adaptive-maximum":
            adaptiveMaximum = try reader.milliseconds(adaptive, example: "60s")
        case "deflate-on-oom": deflateOnOom = try reader.choice(ConfigurationReader.deflateOnOom)
        case "on-controller-loss": onControllerLoss = try reader.choice(ConfigurationReader.onControllerLoss)
        case "release-after":
            releaseAfter = try reader.milliseconds(DurationText.second...7 * DurationText.day, example: "10m")
        case "hold-off": holdOff = try reader.duration(0...Self.day, orZero: false, example: "10s")
        case "hold-off-after-oom": holdOffAfterOOM = try reader.duration(0...Self.day, orZero: false, example: "100s")
        case "boot-grace": bootGrace = try reader.duration(0...DurationText.hour, orZero: false, example: "60s")
        case "ask-hold": askHold = try reader.milliseconds(DurationText.second...DurationText.hour, example: "10s")
        case "other-killers": otherKillers = try reader.boolean()
        case "killer-margin": killerMarginBytes = try reader.sizeOrAuto(0...Self.largest, example: "256MiB")
        case "host-may":
            limits.hostMay = try reader.choice(HostRights.allCases.map { ($0.rawValue, $0) })
        case "allow-policy-change": limits.allowChange = try reader.boolean()
        case "allowed-deflate-on-oom": limits.deflateOnOom = try reader.choices(ConfigurationReader.deflateOnOom)
        case "allowed-on-controller-loss":
            limits.onControllerLoss = try reader.choices(ConfigurationReader.onControllerLoss)
        case "minimum-stats-period": limits.minimumStatsPeriod = try reader.milliseconds(periods, example: "1s")
        default: throw reader.unknown
        }
    }

    private mutating func takeCache(_ reader: ConfigurationReader) throws(ConfigurationError) {
        switch reader.key {
        case "idle-age":
            cache.coldAge = try reader.duration(DurationText.second...Self.day, orZero: false, example: "60s")
        case "leave-alone": cache.leaveAlone = try reader.duration(0...Self.day, orZero: false, example: "10m")
        case "reclaim": reclaim.cache = try reader.boolean()
        case "reclaim-anonymous": reclaim.anonymous = try reader.boolean()
        case "compact": reclaim.compaction = try reader.boolean()
        default: throw reader.unknown
        }
    }

    private mutating func takePressure(_ reader: ConfigurationReader) throws(ConfigurationError) {
        switch reader.key {
        // The kernel's own bounds of a PSI trigger's window.
        case "window":
            pressure.window = try reader.milliseconds(DurationText.second / 2...10 * DurationText.second, example: "1s")
        case "inflate-some": pressure.inflateSome = try reader.percent(1...10_000, example: "5%")
        case "release-some": pressure.releaseSome = try reader.percent(1...10_000, example: "15%")
        case "release-full": pressure.releaseFull = try reader.percent(1...10_000, example: "10%")
        case "thrashing": pressure.thrashingPages = try pages(reader, example: "1MiB")
        case "refaults": pressure.risingPages = try pages(reader, example: "1MiB")
        default: throw reader.unknown
        }
    }

    /// Bytes a second as pages a second.
    private func pages(_ reader: ConfigurationReader, example: String) throws(ConfigurationError) -> UInt64 {
        try reader.size(64 * ByteSize.kibibyte...64 * ByteSize.gibibyte, multipleOf: 4096, example: example) / 4096
    }

    private mutating func takeVsock(_ reader: ConfigurationReader) throws(ConfigurationError) {
        switch reader.key {
        case "enabled": vsock.isEnabled = try reader.boolean()
        // Every user of the guest may bind a higher one first.
        case "port": vsock.port = UInt32(try reader.integer(1...1023))
        case "require-privileged-peer": vsock.requiresPrivilegedPeer = try reader.boolean()
        case "observers":
            vsock.observers = try reader.choice(VsockSettings.Observers.allCases.map { ($0.rawValue, $0) })
        default: throw reader.unknown
        }
    }

    private mutating func takeSensors(_ reader: ConfigurationReader) throws(ConfigurationError) {
        switch reader.key {
        case "mglru": sensors.mglru = try reader.choice(LRUGenerations.allCases.map { ($0.rawValue, $0) })
        case "damon": sensors.damon = try reader.boolean()
        case "working-set-period":
            sensors.workingSetPeriod = try reader.duration(
                DurationText.second...DurationText.hour, orZero: true, example: "30s")
        case "leak-window":
            sensors.leakWindow = try reader.duration(
                DurationText.minute...7 * DurationText.day, orZero: true, example: "1h")
        case "pressure-cgroups": sensors.pressureCgroups = try reader.cgroups(atMost: 16)
        default: throw reader.unknown
        }
    }
}
