/// What reports show.
extension Governor {
    /// Page cache that is not for sale, in bytes, as of the last picture; 0 where none was seen.
    public func cacheFloorBytes(now: UInt64) -> UInt64 { currentView(now: now)?.protected ?? 0 }

    /// What came back and is left alone for a while, in bytes.
    public func floorRaisedBytes(now: UInt64) -> UInt64 { currentView(now: now)?.raised ?? 0 }

    /// The guest's pressure as last measured, `some` in hundredths of a percent; 0 where it is too old.
    public func pressure(now: UInt64) -> UInt32 { pressureWatch.some(now: now) }

    /// Whether memory is short: under pressure, below the floor, or shortly after a release.
    public func isShort(availableBytes: UInt64, now: UInt64) -> Bool {
        let some = pressureWatch.some(now: now)
        return availableBytes < floor || some > 0 && some >= configuration.pressure.inflateSome
            || trouble.lasts(now: now) || activity.isThrashing(configuration.pressure, now: now)
    }

    /// MemAvailable from which on the balloon yields to another killer, in bytes; 0 without one.
    public var killerBytes: UInt64 { killers.near }

    /// Releases in steps since the start.
    public var reliefs: UInt64 { reliefCount }

    /// Bytes that were reclaimed at the governor's wish since the start.
    public var reclaimedBytes: UInt64 { reclaim.bytes }

    /// Compactions since the start.
    public var compactions: UInt64 { reclaim.compactions }

    /// The last decisions, oldest first, at most 64.
    public var steps: [Step] { history.steps }

    private func currentView(now: UInt64) -> CacheView? {
        picture.flatMap { view(GovernorInputs(availableBytes: $0.availableBytes), now: now) }
    }
}
