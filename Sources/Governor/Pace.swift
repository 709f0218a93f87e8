/// A rate for whole steps: what was taken has to be waited for before the next step.
struct Pace: Sendable {
    private var next: UInt64 = 0

    /// Nanoseconds until a step may be taken.
    func wait(now: UInt64) -> UInt64 { next.less(now) }

    /// Bytes were taken at a rate in bytes a second.
    mutating func take(_ bytes: UInt64, rate: UInt64, now: UInt64) {
        next = max(next, now).adding(bytes.scaled(DurationText.second, over: max(rate, 1)))
    }
}
