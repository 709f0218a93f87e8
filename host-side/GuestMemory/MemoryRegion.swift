/// A run of guest-physical addresses backed by a run of one file.
public struct MemoryRegion: Hashable, Sendable {
    /// First guest-physical address in bytes.
    public var guestAddress: UInt64
    /// Length in bytes.
    public var length: UInt64
    /// The file that backs it.
    public var file: FileKey
    /// Where in the file its first byte lives, in bytes.
    public var fileOffset: UInt64
    /// Page size of the file system that holds the file, in bytes: 4,096 on tmpfs, 2 MiB on hugetlbfs. Less than a
    /// whole such page is never discarded.
    public var pageBytes: UInt64

    /// Describes one region as the VMM has it.
    public init(
        guestAddress: UInt64, length: UInt64, file: FileKey, fileOffset: UInt64,
        pageBytes: UInt64 = MemoryMap.frameBytes
    ) {
        self.guestAddress = guestAddress
        self.length = length
        self.file = file
        self.fileOffset = fileOffset
        self.pageBytes = pageBytes
    }

    /// The first address after the region. Only for regions of a validated map, where it cannot wrap.
    var guestEnd: UInt64 { guestAddress + length }
}
