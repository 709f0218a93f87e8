import Governor
public import Wire

/// The policies that may change at run time.
public struct Policies: Sendable, Hashable {
    /// Whether the agent chooses the time between reports itself.
    public var adaptive = false
    /// Fixed time between reports in milliseconds, 0 for none; not in force while adaptive.
    public var statsPeriodMilliseconds: UInt64 = 0
    /// When the balloon yields without being asked.
    public var deflateOnOom = DeflateOnOom.pressure
    /// What becomes of the balloon without a controller.
    public var onControllerLoss = OnControllerLoss.holdBalloon
    /// Time without a controller after which `.releaseAfter` releases, in milliseconds.
    public var releaseAfterMilliseconds: UInt64 = 600_000

    /// The defaults.
    public init() {}

    /// What the configuration says.
    public init(_ configuration: AgentConfiguration) {
        adaptive = configuration.statsAdaptive
        statsPeriodMilliseconds = configuration.statsPeriod / DurationText.millisecond
        deflateOnOom = configuration.deflateOnOom
        onControllerLoss = configuration.onControllerLoss
        releaseAfterMilliseconds = configuration.releaseAfter / DurationText.millisecond
    }
}
