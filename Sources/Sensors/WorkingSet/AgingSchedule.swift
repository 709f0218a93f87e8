/// When the generations of the multi-generational LRU are aged: a new youngest generation, and the accessed bits of
/// all page tables harvested.
///
/// The kernel keeps at most four generations (MAX_NR_GENS). Right after an aging the youngest is empty, so that what
/// is learnt then are two bounds only: what was used since the aging before, and since the one before that. Unequal
/// intervals in a cycle give more: each aging measures at two other ages, and the cycle as a whole draws the curve.
public struct AgingSchedule: Sendable, Hashable {
    /// No two agings are closer than this, in nanoseconds, whatever the intervals say.
    public static let minimumInterval: UInt64 = 10_000_000_000

    /// The intervals of the cycle, in nanoseconds.
    public let intervals: [UInt64]

    /// The usual cycle, for a window of a minute: 15, 45, 15, 45 and 60 s. It measures at 15, 45, 60, 75 and 105 s, and
    /// after four of five agings at 60 s.
    public static let usual = AgingSchedule(window: 60_000_000_000)

    /// A cycle that measures what was used within a window, in nanoseconds, after most agings, and where the bound
    /// between two agings allows, at other ages too.
    public init(window: UInt64) {
        let seconds = min(max(window, Self.minimumInterval), 3_600_000_000_000) / 1_000_000_000
        switch seconds {
        case ..<20: self.init(seconds: [seconds])
        case ..<40: self.init(seconds: [seconds / 2, seconds - seconds / 2])
        default:
            let (short, long) = (seconds / 4, seconds - seconds / 4)
            self.init(seconds: [short, long, short, long, seconds])
        }
    }

    /// A cycle of these intervals in seconds; none shorter than the minimum, none longer than an hour.
    public init(seconds: [UInt64]) {
        let bounded = seconds.prefix(64).map {
            min(max($0.multiplied(1_000_000_000), Self.minimumInterval), 3_600_000_000_000)
        }
        intervals = bounded.isEmpty ? [60_000_000_000] : bounded
    }

    /// The ages at which the cycle measures, ascending, in nanoseconds.
    public var edges: [UInt64] {
        let pairs = intervals.indices.map { intervals[$0].adding(intervals[($0 + 1) % intervals.count]) }
        return Set(intervals + pairs).sorted()
    }

    /// The longest time that a bound of the cycle takes to be measured anew, in nanoseconds.
    public var length: UInt64 { intervals.reduce(0 as UInt64) { $0.adding($1) } }

    /// The interval before the aging with this number, counted from 0.
    func interval(before number: Int) -> UInt64 { intervals[number % intervals.count] }
}
