/// A PSI trigger fired. Triggers are set to the shares of `PressureRules` over its window, or over 2 s where the kernel
/// demands that.
public struct PressureEvent: Sendable, Equatable {
    /// Where it was set.
    public enum Source: Sendable, Equatable {
        /// `/proc/pressure/memory`.
        case system
        /// `memory.pressure` of a cgroup of the guest's workload.
        case workload
    }

    /// Where the trigger was set.
    public var source: Source
    /// A trigger on `full`; else on `some`.
    public var full: Bool

    /// One event.
    public init(source: Source, full: Bool) {
        self.source = source
        self.full = full
    }
}
