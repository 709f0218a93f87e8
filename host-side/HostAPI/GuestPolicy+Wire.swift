public import Wire

extension GuestPolicy {
    /// Translates the policies that an agent says are in force.
    public init(_ state: PolicyState) {
        self.init(
            statsPeriodMilliseconds: state.statsPeriodMilliseconds,
            deflateOnOom: DeflateOnOomPolicy(state.deflateOnOom))
        adaptive = state.adaptive
        minimumPeriodMilliseconds = Self.known(state.minimumPeriodMilliseconds)
        maximumPeriodMilliseconds = Self.known(state.maximumPeriodMilliseconds)
        statsPeriodByHost = state.statsPeriodByHost
        deflateOnOomByHost = state.deflateOnOomByHost
        onControllerLoss = OnControllerLossPolicy(state.onControllerLoss)
        if onControllerLoss == .releaseAfter { releaseAfterMilliseconds = state.releaseAfterMilliseconds }
        onControllerLossByHost = state.onControllerLossByHost
        observeOnly = state.observeOnly
    }

    /// What was left out of a message reads as 0.
    private static func known(_ value: UInt64) -> UInt64? { value == 0 ? nil : value }
}

extension DeflateOnOomPolicy {
    /// Translates the agent's value; one that this version does not know counts as `pressure`, the default.
    public init(_ value: DeflateOnOom) {
        switch value {
        case .off: self = .off
        case .oom: self = .oom
        default: self = .pressure
        }
    }

    /// The value as the agent knows it.
    public var wire: DeflateOnOom {
        switch self {
        case .off: .off
        case .oom: .oom
        case .pressure: .pressure
        }
    }
}

extension OnControllerLossPolicy {
    /// Translates the agent's value; nil where it is none that this version knows.
    public init?(_ value: OnControllerLoss) {
        switch value {
        case .holdBalloon: self = .hold
        case .releaseAfter: self = .releaseAfter
        default: return nil
        }
    }

    /// The value as the agent knows it.
    public var wire: OnControllerLoss {
        switch self {
        case .hold: .holdBalloon
        case .releaseAfter: .releaseAfter
        }
    }
}

extension GuestPolicyChange {
    /// The change as the agent knows it.
    public var wire: SetPolicy {
        SetPolicy(
            statsPeriodMilliseconds: statsPeriodMilliseconds, deflateOnOom: deflateOnOom?.wire, adaptive: adaptive,
            onControllerLoss: onControllerLoss?.wire, releaseAfterMilliseconds: releaseAfterMilliseconds)
    }

    /// Which of the values an agent did not take over, by the policies that it says are in force: an older one ignores
    /// what it does not know.
    public func ignored(by policy: GuestPolicy) -> [Key] {
        var keys: [Key] = []
        if adaptive == true, !policy.adaptive { keys.append(.statsPeriod) }
        if let onControllerLoss, policy.onControllerLoss != onControllerLoss { keys.append(.onControllerLoss) }
        return keys
    }
}
