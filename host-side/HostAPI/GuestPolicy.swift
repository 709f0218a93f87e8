/// When the guest's balloon yields without being asked.
public enum DeflateOnOomPolicy: String, Codable, Sendable, CaseIterable {
    /// Only a target or an administrator releases.
    case off
    /// Below the headroom watermark and after an OOM kill everything is released.
    case oom
    /// As `oom`, and in steps under memory pressure.
    case pressure
}

/// Policies of a guest that can change while it runs.
public struct GuestPolicy: Codable, Sendable, Equatable {
    /// Period of unasked reports in milliseconds; 0 means none.
    public var statsPeriodMilliseconds: UInt64
    /// When the balloon yields without being asked.
    public var deflateOnOom: DeflateOnOomPolicy

    /// Makes a policy.
    public init(statsPeriodMilliseconds: UInt64, deflateOnOom: DeflateOnOomPolicy) {
        self.statsPeriodMilliseconds = statsPeriodMilliseconds
        self.deflateOnOom = deflateOnOom
    }
}

/// A change of a guest's policies: `PUT /v1/vms/{name}/guest/policy`. What is nil stays.
public struct GuestPolicyChange: Codable, Sendable, Equatable {
    /// Periods that are accepted, in milliseconds; 0 is accepted too and switches the reports off.
    public static let statsPeriodRange: ClosedRange<UInt64> = 100...86_400_000

    /// Period of unasked reports in milliseconds; 0 means none.
    public var statsPeriodMilliseconds: UInt64?
    /// When the balloon yields without being asked.
    public var deflateOnOom: DeflateOnOomPolicy?

    /// Makes a change.
    public init(statsPeriodMilliseconds: UInt64? = nil, deflateOnOom: DeflateOnOomPolicy? = nil) {
        self.statsPeriodMilliseconds = statsPeriodMilliseconds
        self.deflateOnOom = deflateOnOom
    }

    /// Whether nothing would change.
    public var isEmpty: Bool { statsPeriodMilliseconds == nil && deflateOnOom == nil }

    /// What is wrong with the values, or nil.
    public var problem: String? {
        guard let period = statsPeriodMilliseconds, period != 0, !Self.statsPeriodRange.contains(period) else {
            return nil
        }
        return "a stats period is 0 (off) or between 100 ms and 24 h, not \(period) ms"
    }
}
