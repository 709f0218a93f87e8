import Governor
public import Wire

/// The policies in force: the guest's configuration, and what was set at run time within its caps. Pure.
///
/// The caps bind whoever changes a policy at run time; `host-may = "observe"` binds the host alone. What was kept from
/// before a restart is checked against the caps again, since the configuration may have changed.
public struct PolicyBook: Sendable, Equatable {
    /// Longest fixed stats-period that can be set, in milliseconds: a day.
    static let longestPeriod: UInt64 = 86_400_000
    /// Bounds of release-after, in milliseconds: a second and a week.
    static let releaseAfterBounds: ClosedRange<UInt64> = 1_000...604_800_000

    /// What may be changed at run time.
    public let limits: PolicyLimits
    /// What was set at run time.
    public private(set) var overrides: PolicyOverrides
    private let configured: Policies
    private let adaptiveBounds: ClosedRange<UInt64>

    /// The book of a configuration, with what an earlier agent of this boot was told.
    public init(_ configuration: AgentConfiguration, kept: PolicyOverrides = PolicyOverrides()) {
        limits = configuration.limits
        configured = Policies(configuration)
        let shortest = configuration.adaptiveMinimum / DurationText.millisecond
        adaptiveBounds = shortest...max(shortest, configuration.adaptiveMaximum / DurationText.millisecond)
        overrides = PolicyOverrides()
        overrides = allowed(kept)
    }

    // MARK: In force

    /// The policies in force.
    public var policies: Policies {
        var policies = configured
        if let period = overrides.statsPeriod {
            policies.adaptive = period.value == nil
            policies.statsPeriodMilliseconds = period.value ?? 0
        }
        if let yields = overrides.deflateOnOom { policies.deflateOnOom = DeflateOnOom(rawValue: yields.value) }
        if let loss = overrides.releaseAfter {
            policies.onControllerLoss = loss.value == nil ? .holdBalloon : .releaseAfter
            policies.releaseAfterMilliseconds = loss.value ?? configured.releaseAfterMilliseconds
        }
        return policies
    }

    /// Bounds of an adaptive time between reports, in milliseconds.
    public var adaptivePeriod: ClosedRange<UInt64> { adaptiveBounds }

    /// Time without a controller after which the balloon is given back, in nanoseconds; nil keeps it.
    public var releaseAfter: UInt64? {
        let policies = policies
        guard policies.onControllerLoss == .releaseAfter else { return nil }
        let (nanoseconds, overflow) = policies.releaseAfterMilliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max : nanoseconds
    }

    /// Whether the host is restricted to observing.
    public var observeOnly: Bool { limits.hostMay == .observe }

    /// Why the host may not set targets; nil where it may.
    public var targetRefusal: (reason: Reason, detail: String)? {
        observeOnly
            ? (.notPermitted, "the guest's configuration restricts the host to observing (policy.host-may)") : nil
    }

    /// As the wire shows it. `periodInForce` is the adaptive time between reports in milliseconds; not asked for
    /// otherwise.
    public func state(periodInForce: UInt64) -> PolicyState {
        let policies = policies
        return PolicyState(
            statsPeriodMilliseconds: policies.adaptive ? periodInForce : policies.statsPeriodMilliseconds,
            deflateOnOom: policies.deflateOnOom, adaptive: policies.adaptive,
            onControllerLoss: policies.onControllerLoss,
            releaseAfterMilliseconds: policies.onControllerLoss == .releaseAfter
                ? policies.releaseAfterMilliseconds : 0,
            observeOnly: observeOnly, statsPeriodByHost: overrides.statsPeriod != nil,
            deflateOnOomByHost: overrides.deflateOnOom != nil, onControllerLossByHost: overrides.releaseAfter != nil,
            minimumPeriodMilliseconds: adaptiveBounds.lowerBound,
            maximumPeriodMilliseconds: adaptiveBounds.upperBound)
    }

    // MARK: Changing

    /// Changes all that `change` names, or nothing.
    /// - Parameters:
    ///   - role: of the peer that asks; observers may not.
    ///   - periodInForce: the time between reports in milliseconds, which becomes a fixed one where adaptive is ended
    ///     without a period.
    /// - Returns: what differs now, one policy a line of the list, such as `deflate-on-oom is off (was pressure)`;
    ///   empty where everything was so already.
    public mutating func apply(
        _ change: SetPolicy, by role: Role, periodInForce: UInt64
    ) throws(PolicyRefusal) -> [String] {
        try checkRights(role)
        let source = role == .controller ? PolicySource.host : .administrator
        var next = overrides
        if let period = try newPeriod(change, periodInForce) {
            next.statsPeriod = .init(value: period == Self.adaptiveMark ? nil : period, source: source)
        }
        if let yields = change.deflateOnOom {
            try check(yields)
            next.deflateOnOom = .init(value: yields.rawValue, source: source)
        }
        if let release = try newRelease(change) {
            next.releaseAfter = .init(value: release == 0 ? nil : release, source: source)
        }
        let before = policies
        overrides = next
        return Self.differences(before, policies)
    }

    private func checkRights(_ role: Role) throws(PolicyRefusal) {
        guard role == .controller || role == .localAdmin else {
            throw PolicyRefusal(.configuration, "the role \(role) changes no policies")
        }
        if role == .controller, observeOnly {
            throw PolicyRefusal(
                .configuration,
                "the guest's configuration restricts the host to observing (policy.host-may = \"observe\"); its owner "
                    + "would have to set \"control\"")
        }
        if !limits.allowChange {
            throw PolicyRefusal(
                .configuration,
                "the guest's configuration forbids changes at run time (policy.allow-policy-change = false); its "
                    + "owner would have to set true")
        }
    }

    /// Stands for adaptive among periods in milliseconds.
    private static let adaptiveMark = UInt64.max

    private func newPeriod(_ change: SetPolicy, _ periodInForce: UInt64) throws(PolicyRefusal) -> UInt64? {
        let fixed = change.statsPeriodMilliseconds
        if change.adaptive == true {
            guard fixed == nil else {
                throw PolicyRefusal(.value, "a stats-period is adaptive or a fixed time, not both")
            }
            return Self.adaptiveMark
        }
        if let fixed {
            guard fixed == 0 || (100...Self.longestPeriod).contains(fixed) else {
                throw PolicyRefusal(.value, "a stats-period is 0, 100 ms to 24 h, or adaptive, not \(fixed) ms")
            }
            try check(period: fixed)
            return fixed
        }
        // Adaptive ends: what it had come to becomes fixed.
        guard change.adaptive == false, policies.adaptive else { return nil }
        return min(max(periodInForce, minimumPeriod), Self.longestPeriod)
    }

    private var minimumPeriod: UInt64 { max(100, limits.minimumStatsPeriod / DurationText.millisecond) }

    private func check(period: UInt64) throws(PolicyRefusal) {
        guard period > 0, period < minimumPeriod else { return }
        throw PolicyRefusal(
            .configuration,
            "the guest's configuration allows no stats-period between 0 and "
                + "\(DurationText.exact(limits.minimumStatsPeriod)) (policy.minimum-stats-period), and "
                + "\(period) ms was asked for; its owner would have to lower it")
    }

    private func check(_ yields: DeflateOnOom) throws(PolicyRefusal) {
        let all: [DeflateOnOom] = [.off, .oom, .pressure]
        guard all.contains(yields) else {
            throw PolicyRefusal(.value, "deflate-on-oom is off, oom or pressure, not \(yields)")
        }
        guard limits.deflateOnOom.contains(yields) else {
            throw PolicyRefusal(
                .configuration,
                "the guest's configuration allows deflate-on-oom to become "
                    + "\(Self.list(limits.deflateOnOom.map(\.description))) only (policy.allowed-deflate-on-oom); its "
                    + "owner would have to add \"\(yields)\"")
        }
    }

    /// Milliseconds, 0 to hold; nil where nothing changes.
    private func newRelease(_ change: SetPolicy) throws(PolicyRefusal) -> UInt64? {
        guard let policy = change.onControllerLoss else {
            guard change.releaseAfterMilliseconds == nil else {
                throw PolicyRefusal(.value, "a release-after time needs on-controller-loss = release-after beside it")
            }
            return nil
        }
        switch policy {
        case .holdBalloon:
            guard change.releaseAfterMilliseconds == nil else {
                throw PolicyRefusal(.value, "on-controller-loss = hold has no release-after time")
            }
            try check(policy)
            return 0
        case .releaseAfter:
            guard let time = change.releaseAfterMilliseconds else {
                throw PolicyRefusal(.value, "on-controller-loss = release-after needs its time")
            }
            guard Self.releaseAfterBounds.contains(time) else {
                throw PolicyRefusal(.value, "release-after is 1 s to 7 d, not \(time) ms")
            }
            try check(policy)
            return time
        default:
            throw PolicyRefusal(.value, "on-controller-loss is hold or release-after, not \(policy)")
        }
    }

    private func check(_ policy: OnControllerLoss) throws(PolicyRefusal) {
        guard limits.onControllerLoss.contains(policy) else {
            throw PolicyRefusal(
                .configuration,
                "the guest's configuration allows on-controller-loss to become "
                    + "\(Self.list(limits.onControllerLoss.map(\.description))) only "
                    + "(policy.allowed-on-controller-loss); its owner would have to add \"\(policy)\"")
        }
    }

    // MARK: Kept from before

    /// What of `kept` the configuration of now still allows.
    private func allowed(_ kept: PolicyOverrides) -> PolicyOverrides {
        func mayStay(_ source: PolicySource) -> Bool {
            source != .configuration && limits.allowChange && !(source == .host && observeOnly)
        }
        var result = PolicyOverrides()
        if let period = kept.statsPeriod, mayStay(period.source),
            period.value.map({ $0 == 0 || (minimumPeriod...Self.longestPeriod).contains($0) }) ?? true
        {
            result.statsPeriod = period
        }
        if let yields = kept.deflateOnOom, mayStay(yields.source),
            limits.deflateOnOom.contains(DeflateOnOom(rawValue: yields.value))
        {
            result.deflateOnOom = yields
        }
        if let release = kept.releaseAfter, mayStay(release.source),
            limits.onControllerLoss.contains(release.value == nil ? .holdBalloon : .releaseAfter),
            release.value.map(Self.releaseAfterBounds.contains) ?? true
        {
            result.releaseAfter = release
        }
        return result
    }

    // MARK: Words

    private static func list(_ names: [String]) -> String {
        names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
    }

    private static func differences(_ old: Policies, _ new: Policies) -> [String] {
        var texts: [String] = []
        func note(_ name: String, _ before: String, _ after: String) {
            if before != after { texts.append("\(name) is \(after) (was \(before))") }
        }
        note("stats-period", old.statsPeriodText, new.statsPeriodText)
        note("deflate-on-oom", "\(old.deflateOnOom)", "\(new.deflateOnOom)")
        note("on-controller-loss", old.onControllerLossText, new.onControllerLossText)
        return texts
    }
}

extension Policies {
    /// `adaptive`, or the time as a configuration file has it.
    public var statsPeriodText: String {
        adaptive ? "adaptive" : Self.exact(statsPeriodMilliseconds)
    }

    /// `hold`, or `release-after 10m`.
    public var onControllerLossText: String {
        onControllerLoss == .releaseAfter
            ? "\(onControllerLoss) \(Self.exact(releaseAfterMilliseconds))" : "\(onControllerLoss)"
    }

    private static func exact(_ milliseconds: UInt64) -> String {
        let (nanoseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? "\(milliseconds)ms" : DurationText.exact(nanoseconds)
    }
}
