/// The VMM's last word that discarding is safe. What QEMU tells by no event (a device that is added, a snapshot that
/// begins) may change during a discard just as well, so the word counts for about as long as one discard takes.
struct SafetyWord {
    /// How long it counts, in nanoseconds.
    static let period: UInt64 = 20_000_000

    private var givenAt: UInt64?

    /// The VMM gave it at `now`, by `CLOCK_BOOTTIME` in nanoseconds.
    mutating func give(now: UInt64) { givenAt = now }

    /// Whether it still counts. A clock that went back makes it worthless.
    func counts(now: UInt64) -> Bool {
        guard let givenAt, now >= givenAt else { return false }
        return now - givenAt < Self.period
    }
}
