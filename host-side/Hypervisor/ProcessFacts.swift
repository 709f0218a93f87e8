/// What /proc tells of the VMM and what must be looked at again before each batch of discards.
public struct ProcessFacts: Sendable, Equatable {
    /// Where its descriptors lead: paths, or names such as `anon_inode:kvm-vcpu:0`.
    public var descriptorLinks: [String]
    /// Memory locked by mlock, bytes (VmLck).
    public var lockedBytes: UInt64
    /// Memory pinned for devices, bytes (VmPin).
    public var pinnedBytes: UInt64

    /// Facts with their parts.
    public init(descriptorLinks: [String], lockedBytes: UInt64, pinnedBytes: UInt64) {
        self.descriptorLinks = descriptorLinks
        self.lockedBytes = lockedBytes
        self.pinnedBytes = pinnedBytes
    }
}
