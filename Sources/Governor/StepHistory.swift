import Wire

/// The last steps, in memory that is set aside beforehand: noting one allocates nothing.
struct StepHistory: Sendable {
    /// How many are kept.
    static let capacity = 64

    private var ring: [Step]
    private var next = 0
    private var count = 0

    init() {
        ring = Array(
            repeating: Step(at: 0, kind: .refuse, reason: .noReason, bytes: 0, availableBytes: 0),
            count: Self.capacity)
        // Once for practice: what the runtime has to prepare for it is prepared now, not while memory runs out.
        note(.refuse, .noReason, bytes: 0, available: 0, now: 0)
        (next, count) = (0, 0)
    }

    /// Notes a step. One like the last, no more than a minute after it began, is joined to it.
    mutating func note(_ kind: Step.Kind, _ reason: Reason, bytes: UInt64, available: UInt64, now: UInt64) {
        let last = (next + Self.capacity - 1) % Self.capacity
        if count > 0, ring[last].kind == kind, ring[last].reason == reason, kind != .releaseEverything,
            now.less(ring[last].at) <= DurationText.minute
        {
            ring[last].bytes = ring[last].bytes.adding(bytes)
            ring[last].availableBytes = available
            ring[last].count = ring[last].count.adding(1)
            return
        }
        ring[next] = Step(at: now, kind: kind, reason: reason, bytes: bytes, availableBytes: available)
        next = (next + 1) % Self.capacity
        count = min(count + 1, Self.capacity)
    }

    /// The oldest first.
    var steps: [Step] {
        (0..<count).map { ring[(next + Self.capacity - count + $0) % Self.capacity] }
    }
}
