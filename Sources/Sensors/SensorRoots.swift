public import SystemPackage

/// Where the kernel's views are mounted. Tests put trees of files in their place.
public struct SensorRoots: Sendable, Hashable {
    /// procfs.
    public var proc: FilePath
    /// sysfs.
    public var sys: FilePath
    /// cgroup v2, or the tmpfs above it on hybrid systems.
    public var cgroup: FilePath
    /// The guest's own file system, for the configuration of others: `etc`, `run`, `usr` and `var` are below it.
    public var root: FilePath
    /// debugfs.
    public var debug: FilePath

    /// The roots; those left out are the usual ones.
    public init(
        proc: FilePath = "/proc", sys: FilePath = "/sys", cgroup: FilePath = "/sys/fs/cgroup", root: FilePath = "/",
        debug: FilePath = "/sys/kernel/debug"
    ) {
        self.proc = proc
        self.sys = sys
        self.cgroup = cgroup
        self.root = root
        self.debug = debug
    }
}
