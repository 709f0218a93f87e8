import Governor
public import Wire

/// What may be changed at run time; the caps in `[policy]`.
public struct PolicyLimits: Sendable, Equatable {
    /// What the host may do at all; `host-may`.
    public var hostMay = HostRights.control
    /// Whether policies may be changed at run time; `allow-policy-change`.
    public var allowChange = true
    /// Values of deflate-on-oom that may be set at run time, at least one; `allowed-deflate-on-oom`.
    public var deflateOnOom: [DeflateOnOom] = [.off, .oom, .pressure]
    /// Values of on-controller-loss that may be set at run time, at least one; `allowed-on-controller-loss`.
    public var onControllerLoss: [OnControllerLoss] = [.holdBalloon, .releaseAfter]
    /// The shortest fixed stats-period that may be set at run time, in nanoseconds; `minimum-stats-period`. 0, no
    /// periodic reports, may always be set.
    public var minimumStatsPeriod = 100 * DurationText.millisecond

    /// The defaults: everything may be changed.
    public init() {}
}
