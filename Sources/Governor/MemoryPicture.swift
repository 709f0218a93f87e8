/// What the guest's memory consists of: /proc/meminfo, /proc/vmstat and, where they were read, /proc/buddyinfo and the
/// nodes. Bytes, and counters of 4 KiB pages since boot.
public struct MemoryPicture: Sendable, Equatable {
    /// Free memory of one NUMA node.
    public struct Node: Sendable, Equatable {
        /// The kernel's number of the node.
        public var node: UInt32
        /// MemFree of the node in bytes.
        public var freeBytes: UInt64

        /// One node.
        public init(node: UInt32, freeBytes: UInt64) {
            self.node = node
            self.freeBytes = freeBytes
        }
    }

    /// MemAvailable.
    public var availableBytes: UInt64
    /// MemFree.
    public var freeBytes: UInt64
    /// Active(file): page cache that the kernel saw used more than once.
    public var activeFileBytes: UInt64
    /// Inactive(file).
    public var inactiveFileBytes: UInt64
    /// Active(anon) and Inactive(anon).
    public var anonymousBytes: UInt64
    /// SwapTotal.
    public var swapTotalBytes: UInt64
    /// SwapFree.
    public var swapFreeBytes: UInt64
    /// Free memory in blocks of 2 MiB and more; nil where /proc/buddyinfo was not read.
    public var hugeBlockBytes: UInt64?
    /// The sum of all zones' high watermarks, below which the kernel reclaims on its own; nil where it was not read.
    public var highWatermarkBytes: UInt64?
    /// workingset_refault_file (workingset_refault before Linux 5.9).
    public var refaultFilePages: UInt64
    /// workingset_refault_anon.
    public var refaultAnonymousPages: UInt64
    /// pswpin.
    public var swappedInPages: UInt64
    /// Free memory by node; empty where it was not read.
    public var nodes: [Node]

    /// A picture.
    public init(
        availableBytes: UInt64, freeBytes: UInt64, activeFileBytes: UInt64 = 0, inactiveFileBytes: UInt64 = 0,
        anonymousBytes: UInt64 = 0, swapTotalBytes: UInt64 = 0, swapFreeBytes: UInt64 = 0,
        hugeBlockBytes: UInt64? = nil, highWatermarkBytes: UInt64? = nil, refaultFilePages: UInt64 = 0,
        refaultAnonymousPages: UInt64 = 0, swappedInPages: UInt64 = 0, nodes: [Node] = []
    ) {
        self.availableBytes = availableBytes
        self.freeBytes = freeBytes
        self.activeFileBytes = activeFileBytes
        self.inactiveFileBytes = inactiveFileBytes
        self.anonymousBytes = anonymousBytes
        self.swapTotalBytes = swapTotalBytes
        self.swapFreeBytes = swapFreeBytes
        self.hugeBlockBytes = hugeBlockBytes
        self.highWatermarkBytes = highWatermarkBytes
        self.refaultFilePages = refaultFilePages
        self.refaultAnonymousPages = refaultAnonymousPages
        self.swappedInPages = swappedInPages
        self.nodes = nodes
    }

    /// Page cache on the kernel's lists.
    var fileBytes: UInt64 { activeFileBytes.adding(inactiveFileBytes) }
}
