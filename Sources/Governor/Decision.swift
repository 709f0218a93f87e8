public import Wire

/// What one look at the guest's memory calls for. A plain value: deciding allocates nothing, since it happens while
/// memory runs out.
public enum Decision: Sendable, Equatable {
    /// Nothing to do.
    case carryOn
    /// Every held chunk goes back at once, and each offered one at its acknowledgement.
    case releaseEverything(Emergency)
    /// A part of the balloon goes back at once.
    case release(Relief)

    /// Why everything is released.
    public struct Emergency: Sendable, Equatable {
        /// `.watermark`, `.oomKill` or `.otherKiller`.
        public let reason: Reason
        /// MemAvailable at the look, in bytes.
        public let availableBytes: UInt64
        /// The watermark, in bytes; for another killer the MemAvailable near which it acts.
        public let watermarkBytes: UInt64
        /// OOM kills since the look before.
        public let oomKills: UInt64
        /// Bytes that the balloon had, in flight included.
        public let balloonBytes: UInt64
        /// The same distress was reported by an earlier look and its release still runs: order it again, count it once.
        public let again: Bool
        /// Who else would act, where that is the reason.
        public var killer: OtherKiller.Kind?

        /// One sentence with the numbers.
        public var detail: String {
            let balloon = ByteSize.format(balloonBytes)
            let available = ByteSize.format(availableBytes)
            switch reason {
            case .oomKill:
                return "\(oomKills) OOM \(oomKills == 1 ? "kill" : "kills") in the guest; releasing all \(balloon)"
            case .otherKiller:
                return "\(available) available, and \((killer ?? .other).name) ends programs below about "
                    + "\(ByteSize.format(watermarkBytes)); releasing all \(balloon)"
            default:
                return "\(available) available, below the watermark of \(ByteSize.format(watermarkBytes)); "
                    + "releasing all \(balloon)"
            }
        }
    }
}
