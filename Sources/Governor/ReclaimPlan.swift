/// What to do so that memory which nobody uses becomes free, in units that the balloon can take.
public struct ReclaimPlan: Sendable, Equatable {
    /// One bounded action.
    public enum Action: Sendable, Equatable {
        /// Write `bytes`, and `swappiness=` where it is not nil, to `memory.reclaim` of the root cgroup.
        case reclaim(bytes: UInt64, swappiness: UInt8?)
        /// Write 1 to `/proc/sys/vm/compact_memory`.
        case compact
    }

    /// What to do.
    public let action: Action
    /// Nanoseconds after which it is to be stopped, finished or not.
    public let deadline: UInt64
    /// One sentence with the numbers that led to it.
    public let detail: String
}
