/// Tells OOM kills of the whole guest from those at the memory limit of a cgroup in it, which no balloon can help.
struct KillCount {
    private var seen: UInt64?
    private var limitHits: UInt64 = 0
    private var ofCgroups: UInt64 = 0

    /// The kills that are the whole guest's business.
    ///
    /// - Parameters:
    ///   - kills: all of them since boot.
    ///   - memoryIsAmple: whether there is time to ask the cgroups; where memory is short every kill counts.
    ///   - limitHits: asks how often cgroups ran into their limits since boot.
    /// - Returns: the count, and how many new kills were found to be cgroups'.
    mutating func global(
        _ kills: UInt64, memoryIsAmple: Bool, limitHits ask: () -> UInt64
    ) -> (kills: UInt64, newOfCgroups: UInt64) {
        guard let seen else {
            seen = kills
            limitHits = ask()
            return (kills, 0)
        }
        guard kills > seen else { return (kills &- ofCgroups, 0) }
        self.seen = kills
        guard memoryIsAmple else { return (kills &- ofCgroups, 0) }
        let hits = ask()
        let new = min(kills - seen, hits &- min(limitHits, hits))
        limitHits = hits
        ofCgroups &+= new
        return (kills &- ofCgroups, new)
    }
}
