/// The guest's memory as the judgement about a step needs it. Read shortly before the question is asked.
public struct GovernorInputs: Sendable, Equatable {
    /// MemAvailable in bytes.
    public var availableBytes: UInt64
    /// Bytes in flight that are not yet populated: MemAvailable still counts them.
    public var unpopulatedBytes: UInt64
    /// Bytes in flight that are not yet pinned, unpopulated ones included: the zones still count them.
    public var unpinnedBytes: UInt64
    /// Every zone of every node.
    public var zones: [ZoneState]
    /// What the tightest memory limit of the holders' cgroup and its ancestors still allows, in bytes; nil without
    /// limits.
    public var cgroupHeadroomBytes: UInt64?
    /// What `vm.overcommit_memory=2` still allows to be committed; nil in the other modes.
    public var commit: Commit?
    /// What memory consists of; nil where only the numbers above were read. The last picture that was observed or
    /// permitted on then stands in, corrected by what MemAvailable lost since.
    public var memory: MemoryPicture?

    /// Strict commit accounting.
    public struct Commit: Sendable, Equatable {
        /// CommitLimit in bytes.
        public var limitBytes: UInt64
        /// Committed_AS in bytes.
        public var committedBytes: UInt64

        /// Strict commit accounting.
        public init(limitBytes: UInt64, committedBytes: UInt64) {
            self.limitBytes = limitBytes
            self.committedBytes = committedBytes
        }
    }

    /// The memory picture.
    public init(
        availableBytes: UInt64, unpopulatedBytes: UInt64 = 0, unpinnedBytes: UInt64 = 0, zones: [ZoneState] = [],
        cgroupHeadroomBytes: UInt64? = nil, commit: Commit? = nil, memory: MemoryPicture? = nil
    ) {
        self.availableBytes = availableBytes
        self.unpopulatedBytes = unpopulatedBytes
        self.unpinnedBytes = unpinnedBytes
        self.zones = zones
        self.cgroupHeadroomBytes = cgroupHeadroomBytes
        self.commit = commit
        self.memory = memory
    }
}
