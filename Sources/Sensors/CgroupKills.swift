import Linux
import SystemPackage

/// How often cgroups ran into their own memory limits. `/proc/vmstat` counts the kills of these together with those of
/// a system without memory, and giving the balloon back helps against the latter only.
public enum CgroupKills {
    /// The sum of `oom` in `memory.events` of all top-level cgroups, which contain those below them (cgroup v2);
    /// 0 where there are none. Version 1 counts kills for each cgroup, but not whether its own limit was the cause, and a
    /// kill for want of memory must never be taken for one: there it is 0, and every kill counts against the balloon.
    public static func limitHits(_ roots: SensorRoots = SensorRoots()) -> UInt64 {
        SmallFile.names(in: roots.cgroup).reduce(0) { sum, name in
            guard
                let text = try? SmallFile.readText(
                    roots.cgroup.appending(name).appending("memory.events"), limit: 4096),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("oom ") }),
                let count = UInt64(line.dropFirst(4))
            else { return sum }
            return sum &+ count
        }
    }
}
