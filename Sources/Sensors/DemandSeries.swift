/// The demand of one cgroup over a window: the least value of each of 16 time slots, and the slot that is still open.
struct DemandSeries: Sendable, Hashable {
    /// How many slots a window has: four a quarter.
    static let slots = 16

    private struct Slot: Sendable, Hashable {
        /// Counted from the clock's zero.
        var number: UInt64
        var least: UInt64
        /// When the least was seen, in nanoseconds.
        var time: UInt64
    }

    private let slotLength: UInt64
    /// Finished slots, oldest first; at most those of one window and one more.
    private var finished: [Slot] = []
    private var open: Slot?
    /// The last value and when it was seen.
    private(set) var lastBytes: UInt64 = 0
    private(set) var lastSeen: UInt64 = 0

    init(window: UInt64) {
        slotLength = max(window / UInt64(Self.slots), 1)
    }

    /// Takes a value. Where the clock goes back, or nothing was seen for a quarter of the window, it starts anew.
    /// - Parameter tolerance: by how much demand may fall back without that being a drop, in bytes; an eighth of the
    ///   growth so far where that is more.
    mutating func note(_ bytes: UInt64, now: UInt64, tolerance: UInt64) {
        let number = now / slotLength
        if let slot = open {
            if number < slot.number || number - slot.number > UInt64(Self.slots / 4) {
                finished = []
                open = Slot(number: number, least: bytes, time: now)
            } else if number == slot.number {
                if bytes < slot.least { open = Slot(number: number, least: bytes, time: now) }
            } else {
                finish(slot, tolerance)
                open = Slot(number: number, least: bytes, time: now)
            }
        } else {
            open = Slot(number: number, least: bytes, time: now)
        }
        lastBytes = bytes
        lastSeen = now
    }

    private mutating func finish(_ slot: Slot, _ tolerance: UInt64) {
        // A drop: what grew before is no leak any more.
        if let first = finished.first, let top = finished.map(\.least).max() {
            if slot.least.adding(max(top.less(first.least) / 8, tolerance)) < top { finished = [] }
        }
        finished.append(slot)
        let oldest = slot.number.less(UInt64(Self.slots))
        finished.removeAll { $0.number < oldest }
    }

    /// The growth over the whole window, where the series covers it and grew in each quarter of it by at least half of
    /// an even share.
    var steadyGrowth: (bytes: UInt64, nanoseconds: UInt64)? {
        guard let first = finished.first, let last = finished.last,
            last.number - first.number >= UInt64(Self.slots), finished.count >= Self.slots * 3 / 4,
            last.least > first.least
        else { return nil }
        let growth = last.least - first.least
        var start = first
        for quarter in 1...4 {
            let bound = first.number + UInt64(Self.slots / 4 * quarter)
            // The last slot known at the quarter's end.
            guard let end = finished.last(where: { $0.number <= bound }), end.number > start.number,
                end.least.less(start.least) >= growth / 8
            else { return nil }
            start = end
        }
        return (growth, max(last.time.less(first.time), 1))
    }

    /// The slope of the line through the slots' minima (least squares), in bytes per hour; nil with fewer than four
    /// slots, 0 where it falls.
    var bytesPerHour: UInt64? {
        guard finished.count >= 4, let start = finished.first else { return nil }
        let hour = 3_600_000_000_000.0
        let points = finished.map { (x: Double($0.time.less(start.time)) / hour, y: Double($0.least)) }
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count
        let meanY = points.reduce(0) { $0 + $1.y } / count
        let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        guard spread > 0 else { return nil }
        let slope = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
        return wholeNumber(slope)
    }
}
