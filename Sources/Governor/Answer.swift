public import Wire

/// The guest's answer to a target: how far the balloon can follow, as things stand.
public struct Answer: Sendable, Equatable {
    /// Accepted, partly or refused.
    public let outcome: TargetAnswer.Outcome
    /// The lowest target that can be reached, in bytes; equal to the target where it is accepted.
    public let reachableBytes: UInt64
    /// What stands in the way; `.noReason` where it is accepted.
    public let reason: Reason
    /// One sentence with the numbers; empty where it is accepted.
    public let detail: String
}
