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

    /// What a walk and the leak watch found. A remainder is told with `/*` after the path of its cgroup.
    public static func report(_ found: CgroupConsumers, _ leaks: LeakWatch) -> TopReport {
        TopReport(
            consumers: found.consumers.map { consumer($0, growth: leaks.growth(ofCgroup: $0.watchedPath)) },
            cgroupVersion: UInt32(clamping: found.version),
            leaks: leaks.leaks.map(leak),
            leftOut: UInt32(clamping: found.leftOut))
    }

    /// A suspected leak.
    public static func leak(_ leak: LeakWatch.Leak) -> Leak {
        let subject = leak.cgroup.isEmpty ? "the guest" : leak.cgroup
        return Leak(
            cgroup: leak.cgroup, grownBytes: leak.grownBytes, windowMilliseconds: leak.window / 1_000_000,
            bytesPerHour: leak.bytesPerHour,
            detail: "the demand of \(subject) only grew, by \(leak.grownBytes >> 20) MiB in "
                + "\(leak.window / 60_000_000_000) minutes")
    }

    private static func consumer(_ use: CgroupUse, growth: UInt64) -> Consumer {
        Consumer(
            cgroup: use.watchedPath, currentBytes: use.currentBytes, anonymousBytes: use.anonymousBytes,
            fileBytes: use.fileBytes, limitBytes: use.limitBytes ?? 0, swapBytes: use.swapBytes,
            pressure: use.pressure.available ? use.pressure : nil, oomKills: use.oomKills, growthBytesPerHour: growth,
            shmemBytes: use.shmemBytes, kernelBytes: use.kernelBytes)
    }
}
