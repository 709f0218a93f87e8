public import Wire

/// What one cgroup, and all below it, uses, in bytes.
public struct CgroupUse: Sendable, Hashable {
    /// Its path below the hierarchy's root, such as `/system.slice/nginx.service`; `/` is the root.
    public var path: String
    /// All memory charged to it.
    public var currentBytes: UInt64 = 0
    /// Anonymous memory.
    public var anonymousBytes: UInt64 = 0
    /// Page cache, shmem included.
    public var fileBytes: UInt64 = 0
    /// Shmem and tmpfs.
    public var shmemBytes: UInt64 = 0
    /// Memory of the kernel: slabs, stacks, page tables and more.
    public var kernelBytes: UInt64 = 0
    /// Of the kernel's memory what reclaim can shrink; 0 in version 1, which does not tell.
    public var kernelReclaimableBytes: UInt64 = 0
    /// What of it is swapped out.
    public var swapBytes: UInt64 = 0
    /// The tightest limit of it and, among consumers, of the cgroups around it; nil without limit.
    public var limitBytes: UInt64?
    /// Processes of it that an OOM killer ended; those of cgroups below it count in version 2 only.
    public var oomKills: UInt64 = 0
    /// Its pressure; not available without version 2 and PSI.
    public var pressure = PressureReport(available: false)
    /// Whether this is only what is left of a cgroup beside those below it that are listed on their own.
    public var isRemainder = false

    /// A cgroup that uses nothing.
    public init(path: String) { self.path = path }

    /// What only its processes can give back, in bytes: anonymous memory and shmem, in memory or swapped out, and
    /// memory of the kernel that reclaim does not shrink.
    public var demandBytes: UInt64 {
        anonymousBytes.adding(shmemBytes).adding(swapBytes).adding(kernelBytes.less(kernelReclaimableBytes))
    }

    /// Its name for whoever watches it: a remainder is another thing than its cgroup as a whole.
    public var watchedPath: String { isRemainder ? (path == "/" ? "/*" : path + "/*") : path }

    /// Without what others of the same hierarchy use.
    func without(_ others: [CgroupUse]) -> CgroupUse {
        var rest = self
        for other in others {
            rest.currentBytes = rest.currentBytes.less(other.currentBytes)
            rest.anonymousBytes = rest.anonymousBytes.less(other.anonymousBytes)
            rest.fileBytes = rest.fileBytes.less(other.fileBytes)
            rest.shmemBytes = rest.shmemBytes.less(other.shmemBytes)
            rest.kernelBytes = rest.kernelBytes.less(other.kernelBytes)
            rest.kernelReclaimableBytes = rest.kernelReclaimableBytes.less(other.kernelReclaimableBytes)
            rest.swapBytes = rest.swapBytes.less(other.swapBytes)
        }
        rest.isRemainder = true
        return rest
    }
}
