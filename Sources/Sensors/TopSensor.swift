public import Wire

/// The consumers of memory and the suspected leaks as the host is told.
public enum TopSensor {
    /// Walks the cgroups and joins what the leak watch knows.
    public static func read(
        _ roots: SensorRoots = SensorRoots(), bounds: CgroupConsumers.Bounds = CgroupConsumers.Bounds(),
        leaks: LeakWatch = LeakWatch()
    ) -> TopReport {
        report(CgroupConsumers.read(roots, bounds: bounds), leaks)
    }

    /// What a walk and the leak watch found: at most 64 consumers and 16 leaks. A remainder is told with `/*` after the
    /// path of its cgroup.
    public static func report(_ found: CgroupConsumers, _ leaks: LeakWatch) -> TopReport {
        TopReport(
            consumers: found.consumers.prefix(64).map { consumer($0, growth: leaks.growth(ofCgroup: $0.watchedPath)) },
            cgroupVersion: UInt32(clamping: found.version),
            leaks: leaks.leaks.prefix(16).map(leak),
            leftOut: UInt32(clamping: found.leftOut + max(0, found.consumers.count - 64)))
    }

    /// A suspected leak.
    public static func leak(_ leak: LeakWatch.Leak) -> Leak {
        let path = short(leak.cgroup)
        let subject = path.isEmpty ? "the guest" : path
        return Leak(
            cgroup: path, grownBytes: leak.grownBytes, windowMilliseconds: leak.window / 1_000_000,
            bytesPerHour: leak.bytesPerHour,
            detail: "the demand of \(subject) only grew, by \(leak.grownBytes >> 20) MiB in "
                + "\(leak.window / 60_000_000_000) minutes")
    }

    /// Paths of at most 256 bytes; of longer ones the end tells more.
    static func short(_ path: String) -> String {
        guard path.utf8.count > 256 else { return path }
        // A character is not cut: its later bytes begin with the bits 10.
        let end = path.utf8.suffix(253).drop { $0 & 0xC0 == 0x80 }
        return "..." + String(decoding: end, as: UTF8.self)
    }

    private static func consumer(_ use: CgroupUse, growth: UInt64) -> Consumer {
        Consumer(
            cgroup: short(use.watchedPath), currentBytes: use.currentBytes, anonymousBytes: use.anonymousBytes,
            fileBytes: use.fileBytes, limitBytes: use.limitBytes ?? 0, swapBytes: use.swapBytes,
            pressure: use.pressure.available ? use.pressure : nil, oomKills: use.oomKills, growthBytesPerHour: growth,
            shmemBytes: use.shmemBytes, kernelBytes: use.kernelBytes)
    }
}
