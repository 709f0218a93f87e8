/// What the kernel tells of a page frame in `/proc/kpageflags` (KPF_ in `linux/kernel-page-flags.h`).
struct PageFlags: OptionSet, Sendable, Hashable {
    let rawValue: UInt64

    /// Used through a file descriptor since the flag was last cleared.
    static let referenced = PageFlags(rawValue: 1 << 2)
    /// On a list of evictable or unevictable pages.
    static let lru = PageFlags(rawValue: 1 << 5)
    /// In page tables.
    static let mapped = PageFlags(rawValue: 1 << 11)
    /// Anonymous.
    static let anonymous = PageFlags(rawValue: 1 << 12)
    /// Swap is where it would go: anonymous or tmpfs.
    static let swapBacked = PageFlags(rawValue: 1 << 14)
    /// The first page of a larger folio.
    static let head = PageFlags(rawValue: 1 << 15)
    /// Another page of a larger folio; what else is known of it, stands at the first.
    static let tail = PageFlags(rawValue: 1 << 16)
    /// Of hugetlb.
    static let hugetlb = PageFlags(rawValue: 1 << 17)
    /// Not to be evicted.
    static let unevictable = PageFlags(rawValue: 1 << 18)
    /// No page at this frame.
    static let none = PageFlags(rawValue: 1 << 20)
    /// Locked by mlock.
    static let locked = PageFlags(rawValue: 1 << 33)

    /// What matters here about a frame.
    enum Kind: Sendable {
        case anonymous
        /// Page cache in page tables.
        case mappedFile
        /// Page cache that is only read and written.
        case unmappedFile
        /// tmpfs that is only read and written.
        case unmappedShared
        /// Free, the kernel's, or not evictable.
        case other
    }

    /// The frame's kind. Of a tail page: of its head's flags.
    var kind: Kind {
        guard contains(.lru), isDisjoint(with: [.unevictable, .locked, .hugetlb, .none, .tail]) else { return .other }
        if contains(.anonymous) { return .anonymous }
        if contains(.swapBacked) { return contains(.mapped) ? .anonymous : .unmappedShared }
        return contains(.mapped) ? .mappedFile : .unmappedFile
    }
}
