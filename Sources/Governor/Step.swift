public import Wire

/// Something that the governor decided, kept so that an administrator can ask why. A plain value.
public struct Step: Sendable, Equatable {
    /// What was decided.
    public enum Kind: Sendable, Equatable {
        /// The balloon was allowed to take memory.
        case inflate
        /// The balloon was not allowed to grow; the same refusal several times in a row is one step.
        case refuse
        /// A part of the balloon was released.
        case release
        /// All of the balloon was released.
        case releaseEverything
        /// An amount of page cache that came back is left alone for a while.
        case protect
        /// The kernel was asked to reclaim.
        case reclaim
        /// The kernel was asked to compact.
        case compact
        /// The host was asked for memory.
        case ask
        /// An ask was withdrawn.
        case withdraw
    }

    /// When, on the clock of `now`; where steps were joined, the first of them.
    public let at: UInt64
    /// What was decided.
    public let kind: Kind
    /// Why.
    public let reason: Reason
    /// How much it was about, in bytes; where steps were joined, all of them.
    public internal(set) var bytes: UInt64
    /// MemAvailable at that time, in bytes; where steps were joined, at the last of them.
    public internal(set) var availableBytes: UInt64
    /// How many equal steps in a row were joined into this one.
    public internal(set) var count: UInt64 = 1

    /// One sentence.
    public var detail: String {
        let size = ByteSize.format(bytes)
        let times = count > 1 ? " in \(count) steps" : ""
        let because = reason == .noReason ? "" : " (\(reason))"
        let available = ", with \(ByteSize.format(availableBytes)) available"
        switch kind {
        case .inflate: return "took \(size)\(times)\(available)"
        case .refuse: return "did not grow\(because)\(available)"
        case .release: return "released \(size)\(times)\(because)\(available)"
        case .releaseEverything: return "released all \(size)\(because)\(available)"
        case .protect: return "leaves \(size) of page cache alone\(because)\(available)"
        case .reclaim: return "had \(size) reclaimed\(times)\(available)"
        case .compact: return "had free memory compacted\(available)"
        case .ask: return "asked the host for \(size)\(because)\(available)"
        case .withdraw: return "withdrew what it had asked the host for\(available)"
        }
    }
}
