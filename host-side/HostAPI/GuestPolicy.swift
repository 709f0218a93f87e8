/// When the guest's balloon yields without being asked.
public enum DeflateOnOomPolicy: String, Codable, Sendable, CaseIterable {
    /// Only a target or an administrator releases.
    case off
    /// Below the headroom watermark and after an OOM kill everything is released.
    case oom
    /// As `oom`, and in steps under memory pressure.
    case pressure
}

/// What the guest's balloon does while no controller is connected.
public enum OnControllerLossPolicy: String, Codable, Sendable, CaseIterable {
    /// It stays as it is.
    case hold
    /// Everything is released when a time has passed.
    case releaseAfter = "release-after"
}

/// Policies of a guest that can change while it runs.
public struct GuestPolicy: Codable, Sendable, Equatable {
    /// Period of unasked reports in milliseconds; 0 means none. Where it is adaptive, the period in force now.
    public var statsPeriodMilliseconds: UInt64
    /// Whether the agent chooses the period itself.
    public var adaptive = false
    /// The shortest period that it chooses, in milliseconds; nil where the agent does not tell.
    public var minimumPeriodMilliseconds: UInt64?
    /// The longest period that it chooses, in milliseconds; nil where the agent does not tell.
    public var maximumPeriodMilliseconds: UInt64?
    /// Whether the period was set while the agent ran; else it is the guest's configuration's.
    public var statsPeriodByHost = false
    /// When the balloon yields without being asked.
    public var deflateOnOom: DeflateOnOomPolicy
    /// Whether that was set while the agent ran.
    public var deflateOnOomByHost = false
    /// What the balloon does while no controller is connected; nil where the agent does not tell.
    public var onControllerLoss: OnControllerLossPolicy?
    /// After which time without a controller everything is released, in milliseconds; nil where it is not.
    public var releaseAfterMilliseconds: UInt64?
    /// Whether that was set while the agent ran.
    public var onControllerLossByHost = false
    /// Whether the guest's configuration lets the host only look.
    public var observeOnly = false

    /// Makes a policy by the guest's configuration; set the rest one by one.
    public init(statsPeriodMilliseconds: UInt64, deflateOnOom: DeflateOnOomPolicy) {
        self.statsPeriodMilliseconds = statsPeriodMilliseconds
        self.deflateOnOom = deflateOnOom
    }
}
