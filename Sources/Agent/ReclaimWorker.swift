import Glibc
import Governor
import Linux
import Sensors
import SystemPackage

/// One reclaim step or compaction, in a process of its own: the kernel may take seconds over it, and the agent's loop
/// must go on meanwhile. It ends early when it is killed, which the kernel notices between batches of pages.
final class ReclaimWorker {
    let action: ReclaimPlan.Action
    /// When it is to be stopped, or to be stopped again, in nanoseconds of CLOCK_BOOTTIME.
    private(set) var deadline: UInt64
    private let process: ProcessDescriptor
    private let freeBefore: UInt64

    /// Starts it.
    init(_ plan: ReclaimPlan, roots: SensorRoots, now: UInt64) throws(LinuxError) {
        action = plan.action
        deadline = now.addingSafely(plan.deadline)
        freeBefore = (try? MemoryInfo.read(roots).free) ?? 0
        let child: Int32
        switch plan.action {
        case .reclaim(let bytes, let swappiness):
            let text = swappiness.map { "\(bytes) swappiness=\($0)" } ?? "\(bytes)"
            child = try ChildProcess.spawn(
                arguments: [ReclaimRole.name, roots.cgroup.appending("memory.reclaim").string, text])
        case .compact:
            child = try ChildProcess.spawn(
                arguments: [ReclaimRole.name, roots.proc.appending("sys/vm/compact_memory").string, "1"])
        }
        process = try ProcessDescriptor(processID: child)
    }

    /// Whether it has ended.
    func hasEnded() -> Bool { (try? process.wait()) ?? nil != nil || !process.isRunning }

    /// What became free meanwhile, in bytes: somebody else's doing included, so no more than was asked for.
    func freedBytes(_ roots: SensorRoots) -> UInt64 {
        guard case .reclaim(let bytes, _) = action else { return 0 }
        let free = (try? MemoryInfo.read(roots).free) ?? 0
        return min(bytes, free - min(free, freeBefore))
    }

    /// Ends it, once the kernel is at the end of a batch.
    func stop(now: UInt64) {
        try? process.signal(SIGKILL)
        deadline = now.addingSafely(1_000_000_000)
    }

    /// What this kernel offers for reclaiming: `memory.reclaim` of the root cgroup since Linux 5.19, with
    /// `swappiness=` since 6.11.
    static func support(_ roots: SensorRoots) -> ReclaimRules.Support {
        let file = roots.cgroup.appending("memory.reclaim")
        guard SmallFile.exists(file) else { return .none }
        // Asks for nothing: a kernel that does not know the key refuses the words.
        return ReclaimRole.write("0 swappiness=0", to: file) ? .swappiness : .bytes
    }
}
