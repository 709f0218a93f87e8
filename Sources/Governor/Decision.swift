public import Wire

/// What one look at the guest's memory calls for. A plain value: deciding allocates nothing, since it happens while
/// memory runs out.
public enum Decision: Sendable, Equatable {
    /// Nothing to do.
    case carryOn
    /// Every held chunk goes back at once, and each offered one at its acknowledgement.
    case releaseEverything(Emergency)

    /// Why everything is released.
    public struct Emergency: Sendable, Equatable {
        /// `.watermark` or `.oomKill`.
        public let reason: Reason
        /// MemAvailable at the look, in bytes.
        public let availableBytes: UInt64
        /// The watermark, in bytes.
        public let watermarkBytes: UInt64
        /// OOM kills since the look before.
        public let oomKills: UInt64
        /// Bytes that the balloon had, in flight included.
        public let balloonBytes: UInt64
        /// The same distress was reported by an earlier look and its release still runs: order it again, count it once.
        public let again: Bool

        /// One sentence with the numbers.
        public var detail: String {
            let balloon = ByteSize.format(balloonBytes)
            if reason == .oomKill {
                return "\(oomKills) OOM \(oomKills == 1 ? "kill" : "kills") in the guest; releasing all \(balloon)"
            }
            return "\(ByteSize.format(availableBytes)) available, below the watermark of "
                + "\(ByteSize.format(watermarkBytes)); releasing all \(balloon)"
        }
    }
}
