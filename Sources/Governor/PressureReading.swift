/// One reading of PSI. Only totals: the kernel's averages still show a pressure that a release has ended.
public struct PressureReading: Sendable, Equatable {
    /// `/proc/pressure/memory`.
    public var system: Stall
    /// `memory.pressure` of the cgroup that all holders are in, and whoever reclaims and compacts for us: their waiting
    /// is not the guest's. Nil where it cannot be read; the system's pressure then does not count until one window
    /// after our own populating and reclaiming.
    public var own: Stall?
    /// The sum over the watched cgroups of the guest's workload, which do not contain one another nor the holders. A
    /// cgroup that joins adds only what it waited since. Nil where none is watched.
    public var workload: Stall?

    /// One reading.
    public init(system: Stall, own: Stall? = nil, workload: Stall? = nil) {
        self.system = system
        self.own = own
        self.workload = workload
    }
}
