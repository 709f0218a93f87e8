/// What measuring the working set may do, and how finely it looks.
public struct WorkingSetSettings: Sendable, Hashable {
    /// Whether the multi-generational LRU may be switched on where it is off. It is switched off again at the end.
    public var maySwitchGenerationsOn = false
    /// Whether a DAMON context of our own may be started. It takes the kernel's only administration of DAMON, which
    /// nobody else can use meanwhile.
    public var mayUseDAMON = false
    /// Whether the generations of the multi-generational LRU may be aged; without, only the kernel's own are read.
    public var mayAge = true
    /// Methods that are not used even where they work.
    public var excluded: Set<IdleHistogram.Method> = []
    /// The window, in nanoseconds, for which the working set is wanted: every method has a bound at this age, or near
    /// it, and generations are aged accordingly.
    public var window: UInt64 = 60_000_000_000
    /// At how many places of memory the flags of page cache are looked at before each aging, 8 frames at each.
    public var cacheSamples = 4096
    /// How many page frames DAMON watches.
    public var damonFrames = 2048

    /// The usual settings: nothing is switched on in the kernel.
    public init() {}
}
