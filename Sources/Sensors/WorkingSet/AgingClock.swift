/// Keeps to a schedule of agings: when the next is due, and whether generations are old enough.
struct AgingClock: Sendable {
    let schedule: AgingSchedule
    /// How many agings there were.
    private(set) var count = 0
    /// When the last was, in nanoseconds.
    private(set) var last: UInt64?

    init(_ schedule: AgingSchedule) { self.schedule = schedule }

    /// When the next aging is due; nil: at once, since there was none yet.
    var due: UInt64? { last.map { $0.adding(max(schedule.interval(before: count), AgingSchedule.minimumInterval)) } }

    /// Whether it is time.
    func isDue(_ now: UInt64) -> Bool { due.map { now >= $0 } ?? true }

    /// An aging was done.
    mutating func aged(_ now: UInt64) {
        // The first opens the cycle: no interval lies before it.
        if last != nil { count += 1 }
        last = now
    }

    /// Whether these generations may be aged: the kernel may just have done so itself, and a youngest generation of a
    /// moment would make every page look idle.
    static func mayAge(_ vector: LRUVector) -> Bool {
        guard vector.hasNumber, vector.bytes >= smallest, let youngest = vector.generations.last else { return false }
        return youngest.age >= AgingSchedule.minimumInterval
    }

    /// Smaller groups are not worth a walk, in bytes; they count as used.
    static let smallest: UInt64 = 1 << 20
}
