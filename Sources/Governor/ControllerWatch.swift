/// What becomes of the balloon when the host's controller stays away.
public struct ControllerWatch: Sendable, Equatable {
    /// Nanoseconds without a controller after which the balloon is given back; nil keeps it.
    public var releaseAfter: UInt64?

    private var lostAt: UInt64?

    /// A watch that has seen no controller yet.
    public init(releaseAfter: UInt64?) { self.releaseAfter = releaseAfter }

    /// The controller's session ended, or the agent started with a balloon and without a controller. Said again while
    /// it is away it changes nothing.
    public mutating func lost(now: UInt64) { lostAt = lostAt ?? now }

    /// A controller is there.
    public mutating func connected() { lostAt = nil }

    /// When the balloon has to be given back; nil while there is no reason to.
    public var due: UInt64? {
        guard let lostAt, let releaseAfter else { return nil }
        return lostAt.adding(releaseAfter)
    }

    /// Nanoseconds until then, 0 from then on; nil while there is no reason to.
    public func remaining(now: UInt64) -> UInt64? { due.map { $0.less(now) } }

    /// Whether the balloon is to be given back now.
    public func mustRelease(now: UInt64) -> Bool { remaining(now: now) == 0 }
}
