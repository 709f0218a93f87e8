/// One page's entry of /proc/PID/pagemap.
public struct PagemapEntry: Sendable, Equatable {
    /// The kernel's 64 bits.
    public let rawValue: UInt64

    /// Wraps the kernel's 64 bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Whether the page is in memory.
    public var isPresent: Bool { rawValue >> 63 & 1 == 1 }
    /// Whether the page is in swap, or on its way to another frame.
    public var isSwapped: Bool { rawValue >> 62 & 1 == 1 }
    /// The frame number (the address divided by 4096); 0 when the kernel hides it or the page is not present.
    public var frame: UInt64 { isPresent && !isSwapped ? rawValue & (1 << 55 - 1) : 0 }
    /// Whether the page is there but its frame is hidden from us (opened without CAP_SYS_ADMIN).
    public var isHidden: Bool { isPresent && !isSwapped && frame == 0 }
}
