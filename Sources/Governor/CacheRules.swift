/// What page cache is worth to the guest.
public struct CacheRules: Sendable, Equatable {
    /// File pages that were not used for so long, in nanoseconds, are cold and may be taken.
    public var coldAge: UInt64
    /// How old a measurement of idle ages may be before it no longer counts, in nanoseconds.
    public var agesValid: UInt64
    /// How long after a step that took page cache refaults are blamed on it, in nanoseconds.
    public var missWindow: UInt64
    /// How long an amount that came back is left alone, in nanoseconds; afterwards half of what is left becomes
    /// available again each minute.
    public var leaveAlone: UInt64
    /// Rate at which page cache of unknown age is taken, in bytes a second; nil for a thirty-second part of memory, at
    /// most 1 GiB.
    public var unknownRate: UInt64?

    /// The defaults: cold after 60 s, measurements count for 3 minutes, misses for 10 s, left alone for 10 minutes.
    public init(
        coldAge: UInt64 = 60 * DurationText.second, agesValid: UInt64 = 3 * DurationText.minute,
        missWindow: UInt64 = 10 * DurationText.second, leaveAlone: UInt64 = 10 * DurationText.minute,
        unknownRate: UInt64? = nil
    ) {
        self.coldAge = coldAge
        self.agesValid = agesValid
        self.missWindow = missWindow
        self.leaveAlone = leaveAlone
        self.unknownRate = unknownRate
    }
}
