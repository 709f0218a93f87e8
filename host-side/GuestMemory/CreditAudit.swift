/// Compares what was credited as reclaimed with what the file system says (`st_blocks`), over a window of a minute.
///
/// The guest runs beside the balloon: it touches memory that the host never backed, and the agent itself populates
/// the next chunk while the last is discarded. So `st_blocks` of the file may fall by less than was credited, or not
/// at all, with every credit right. What must hold is this: bytes that were credited and that the guest still holds
/// are holes of the file. The audit raises an alarm only where the file has fewer holes than credits, by more than
/// 1 % of the credits, and only over a window in which nothing was released, since a release fills holes before the
/// host hears of it. A discard that frees nothing, a byte credited twice, and a stranger that fills the file again
/// are found by it; a guest that refaults elsewhere never looks like one of them.
public struct CreditAudit: Sendable {
    /// The state of one VM at one moment. Bytes throughout.
    public struct Sample: Hashable, Sendable {
        /// When, by `CLOCK_BOOTTIME` in nanoseconds.
        public var time: UInt64
        /// The VM's RAM.
        public var ramBytes: UInt64
        /// `st_blocks` × 512 of its RAM files.
        public var fileBytes: UInt64
        /// Measured discards since the session began.
        public var discardedBytes: UInt64
        /// Credits of chunks that are still held (``RangeBook/creditedBytes``).
        public var creditedBytes: UInt64
        /// What was given back since the session began.
        public var releasedBytes: UInt64
        /// Credited bytes that an audit found backed again, since held frames drift. They are no alarm.
        public var knownResidentBytes: UInt64

        /// Describes a moment.
        public init(
            time: UInt64, ramBytes: UInt64, fileBytes: UInt64, discardedBytes: UInt64, creditedBytes: UInt64,
            releasedBytes: UInt64, knownResidentBytes: UInt64 = 0
        ) {
            self.time = time
            self.ramBytes = ramBytes
            self.fileBytes = fileBytes
            self.discardedBytes = discardedBytes
            self.creditedBytes = creditedBytes
            self.releasedBytes = releasedBytes
            self.knownResidentBytes = knownResidentBytes
        }
    }

    /// What a window says.
    public enum Verdict: Hashable, Sendable {
        /// The window is not full, memory was released in it, or nothing is credited.
        case undecided
        /// The file fell by what was discarded in the window, within 1 %.
        case agrees
        /// The file fell by less, and the guest's own use can explain it.
        case guestGrew(bytes: UInt64)
        /// The file has fewer holes than the host credited: the credits are wrong by this much.
        case alarm(missingBytes: UInt64)
    }

    /// Length of a window in nanoseconds.
    public let window: UInt64
    private var first: Sample?

    /// An audit with windows of a minute.
    public init(window: UInt64 = 60_000_000_000) { self.window = window }

    /// Takes a sample; decides when a window is full, and begins the next.
    public mutating func add(_ sample: Sample) -> Verdict {
        guard let begin = first, sample.time >= begin.time, sample.discardedBytes >= begin.discardedBytes,
            sample.releasedBytes == begin.releasedBytes, sample.ramBytes == begin.ramBytes
        else {
            first = sample
            return .undecided
        }
        guard sample.time - begin.time >= window else { return .undecided }
        first = sample
        return Self.judge(begin, sample)
    }

    private static func judge(_ begin: Sample, _ end: Sample) -> Verdict {
        guard end.creditedBytes > 0 else { return .undecided }
        let holes = end.ramBytes - min(end.ramBytes, end.fileBytes)
        let claimed = end.creditedBytes - min(end.creditedBytes, end.knownResidentBytes)
        if claimed > holes, claimed - holes > claimed / 100 { return .alarm(missingBytes: claimed - holes) }
        let discarded = end.discardedBytes - begin.discardedBytes
        let fell = begin.fileBytes - min(begin.fileBytes, end.fileBytes)
        return fell + discarded / 100 >= discarded ? .agrees : .guestGrew(bytes: discarded - fell)
    }
}
