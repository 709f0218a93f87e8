/// What the guest said to the target it was last given.
public struct TargetOutcome: Codable, Sendable, Equatable {
    /// The answer in one word.
    public enum Answer: String, Codable, Sendable, CaseIterable {
        /// The guest goes there.
        case accepted
        /// Only as far as `reachable_bytes`.
        case partly
        /// Not at all.
        case refused
    }

    /// The answer in one word.
    public var answer: Answer
    /// The target that was answered, in bytes.
    public var targetBytes: UInt64
    /// The lowest target that can be reached as things stand, in bytes.
    public var reachableBytes: UInt64
    /// Why it is not accepted; nil where it is.
    public var reason: Explanation?
    /// When the answer came.
    public var time: Timestamp

    /// Makes an outcome.
    public init(
        answer: Answer, targetBytes: UInt64, reachableBytes: UInt64, reason: Explanation? = nil, time: Timestamp
    ) {
        self.answer = answer
        self.targetBytes = targetBytes
        self.reachableBytes = reachableBytes
        self.reason = reason
        self.time = time
    }
}
