/// When memory pressure slows the balloon down, and when it makes the balloon yield. Shares of time are hundredths of
/// a percent: 500 is 5 %.
public struct PressureRules: Sendable, Equatable {
    /// Time over which a share is measured, in nanoseconds; also the shortest time between two releases because of
    /// pressure, and the time after our own populating in which the system's pressure does not count.
    public var window: UInt64
    /// Share of `some` at which the balloon stops to grow; below it the rate falls in proportion.
    public var inflateSome: UInt32
    /// Share of `some` from which the balloon yields.
    public var releaseSome: UInt32
    /// Share of `full` from which the balloon yields.
    public var releaseFull: UInt32
    /// Pages a second that are read from swap, or anonymous pages that come back, from which the guest is thrashing.
    public var thrashingPages: UInt64
    /// File pages a second above twice the usual number of refaults, from which refaults count as rising.
    public var risingPages: UInt64

    /// The defaults: 1 s, stop at 5 %, yield at 15 % of `some` or 10 % of `full`, thrashing and rising from 256 pages
    /// (1 MiB) a second.
    public init(
        window: UInt64 = DurationText.second, inflateSome: UInt32 = 500, releaseSome: UInt32 = 1500,
        releaseFull: UInt32 = 1000, thrashingPages: UInt64 = 256, risingPages: UInt64 = 256
    ) {
        self.window = window
        self.inflateSome = inflateSome
        self.releaseSome = releaseSome
        self.releaseFull = releaseFull
        self.thrashingPages = thrashingPages
        self.risingPages = risingPages
    }
}
