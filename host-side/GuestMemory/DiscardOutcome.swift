public import Wire

/// What became of an offer.
public struct DiscardOutcome: Sendable {
    /// How long the steps took, in nanoseconds.
    public struct Timings: Hashable, Sendable {
        /// Reading stamps, both times where it is done twice.
        public var verifying: UInt64 = 0
        /// Discarding.
        public var punching: UInt64 = 0
        /// Counting what is left.
        public var measuring: UInt64 = 0

        /// All zero.
        public init() {}
    }

    /// What the guest is told.
    public var status: OfferResult.Status
    /// Bytes of the offer.
    public var offeredBytes: UInt64
    /// Bytes that were measured as gone: what was offered, all of which was there since every page carried a stamp,
    /// less what is still there after the discard or is there again.
    public var discardedBytes: UInt64
    /// Runs of file bytes that were discarded, neighbours joined.
    public var ranges: Int
    /// One sentence for logs and for the guest; empty on success. It never has contents of the guest's memory.
    public var detail: String
    /// The violation, where the status is `refusedRange`.
    public var violation: RangeViolation?
    /// The page, where the status is `refusedStamp`.
    public var fault: StampFault?
    /// How long it took.
    public var timings: Timings

    /// Whether the chunk may be booked as held.
    public var isDiscarded: Bool { status == .discarded }

    init(
        _ status: OfferResult.Status, offered: UInt64, detail: String, violation: RangeViolation? = nil,
        fault: StampFault? = nil, timings: Timings = Timings()
    ) {
        self.status = status
        offeredBytes = offered
        discardedBytes = 0
        ranges = 0
        self.detail = detail
        self.violation = violation
        self.fault = fault
        self.timings = timings
    }
}
