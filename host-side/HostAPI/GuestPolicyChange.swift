/// A change of a guest's policies: `PUT /v1/vms/{name}/guest/policy`. What is nil stays.
public struct GuestPolicyChange: Codable, Sendable, Equatable {
    /// What a value is called in files and on command lines.
    public enum Key: String, Sendable, CaseIterable {
        /// ``GuestPolicyChange/statsPeriodMilliseconds`` and ``GuestPolicyChange/adaptive``.
        case statsPeriod = "stats-period"
        /// ``GuestPolicyChange/deflateOnOom``.
        case deflateOnOom = "deflate-on-oom"
        /// ``GuestPolicyChange/onControllerLoss``.
        case onControllerLoss = "on-controller-loss"
        /// ``GuestPolicyChange/releaseAfterMilliseconds``.
        case releaseAfter = "release-after"
    }

    /// Periods that are accepted, in milliseconds; 0 is accepted too and switches the reports off.
    public static let statsPeriodRange: ClosedRange<UInt64> = 100...86_400_000
    /// Times until a release that are accepted, in milliseconds.
    public static let releaseAfterRange: ClosedRange<UInt64> = 1000...604_800_000

    /// A fixed period of unasked reports in milliseconds; 0 means none.
    public var statsPeriodMilliseconds: UInt64?
    /// True lets the agent choose the period; false makes the period in force a fixed one.
    public var adaptive: Bool?
    /// When the balloon yields without being asked.
    public var deflateOnOom: DeflateOnOomPolicy?
    /// What the balloon does while no controller is connected.
    public var onControllerLoss: OnControllerLossPolicy?
    /// After which time without a controller everything is released, in milliseconds; belongs to `release-after`.
    public var releaseAfterMilliseconds: UInt64?

    /// Makes a change.
    public init(
        statsPeriodMilliseconds: UInt64? = nil, adaptive: Bool? = nil, deflateOnOom: DeflateOnOomPolicy? = nil,
        onControllerLoss: OnControllerLossPolicy? = nil, releaseAfterMilliseconds: UInt64? = nil
    ) {
        self.statsPeriodMilliseconds = statsPeriodMilliseconds
        self.adaptive = adaptive
        self.deflateOnOom = deflateOnOom
        self.onControllerLoss = onControllerLoss
        self.releaseAfterMilliseconds = releaseAfterMilliseconds
    }

    /// Whether nothing would change.
    public var isEmpty: Bool { self == GuestPolicyChange() }

    /// What is wrong with the values, or nil.
    public var problem: String? { problems.first?.message }

    /// Everything that is wrong with the values.
    public var problems: [(key: Key, message: String)] {
        var found: [(key: Key, message: String)] = []
        if let period = statsPeriodMilliseconds, period != 0, !Self.statsPeriodRange.contains(period) {
            found.append((.statsPeriod, "a stats period is 0 (off) or between 100 ms and 24 h, not \(period) ms"))
        }
        if statsPeriodMilliseconds != nil, adaptive == true {
            found.append((.statsPeriod, "a stats period is either adaptive or a time, not both"))
        }
        switch (onControllerLoss, releaseAfterMilliseconds) {
        case (.releaseAfter, nil):
            found.append((.onControllerLoss, "release-after needs a time, between 1 s and 7 days"))
        case (.releaseAfter, let time?) where !Self.releaseAfterRange.contains(time):
            found.append((.releaseAfter, "release-after takes between 1 s and 7 days, not \(time) ms"))
        case (.hold, .some), (nil, .some):
            found.append((.releaseAfter, "a time until the release belongs to on-controller-loss release-after"))
        default: break
        }
        return found
    }

    /// This change where it says something, else `base`. Values that belong together come from one of them.
    public func over(_ base: GuestPolicyChange) -> GuestPolicyChange {
        var result = self
        if statsPeriodMilliseconds == nil, adaptive == nil {
            result.statsPeriodMilliseconds = base.statsPeriodMilliseconds
            result.adaptive = base.adaptive
        }
        result.deflateOnOom = deflateOnOom ?? base.deflateOnOom
        if onControllerLoss == nil {
            result.onControllerLoss = base.onControllerLoss
            result.releaseAfterMilliseconds = base.releaseAfterMilliseconds
        }
        return result
    }

    /// The policies that a guest is expected to have after this change where nothing else is known.
    public var expected: GuestPolicy {
        var policy = GuestPolicy(
            statsPeriodMilliseconds: statsPeriodMilliseconds ?? 0, deflateOnOom: deflateOnOom ?? .pressure)
        policy.adaptive = adaptive ?? false
        policy.statsPeriodByHost = statsPeriodMilliseconds != nil || adaptive != nil
        policy.deflateOnOomByHost = deflateOnOom != nil
        policy.onControllerLoss = onControllerLoss
        policy.releaseAfterMilliseconds = releaseAfterMilliseconds
        policy.onControllerLossByHost = onControllerLoss != nil
        return policy
    }

    /// One change for each policy: an agent that refuses one of them takes the others.
    public var parts: [GuestPolicyChange] {
        [
            GuestPolicyChange(statsPeriodMilliseconds: statsPeriodMilliseconds, adaptive: adaptive),
            GuestPolicyChange(deflateOnOom: deflateOnOom),
            GuestPolicyChange(
                onControllerLoss: onControllerLoss, releaseAfterMilliseconds: releaseAfterMilliseconds),
        ].filter { !$0.isEmpty }
    }
}
