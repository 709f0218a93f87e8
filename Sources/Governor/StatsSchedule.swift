/// When the next periodic report is due.
public struct StatsSchedule: Sendable, Equatable {
    /// How often a report is sent; all times in nanoseconds.
    public enum Policy: Sendable, Equatable {
        /// Never: whoever needs numbers asks.
        case never
        /// Always after the same time.
        case fixed(UInt64)
        /// After the shortest time while something changes or memory is short, after ever longer ones at rest.
        case adaptive(shortest: UInt64, longest: UInt64)

        /// Adaptive between 1 s and 60 s.
        public static let adaptiveDefault = Policy.adaptive(
            shortest: DurationText.second, longest: DurationText.minute)
    }

    /// The policy in force. Changing it starts anew, from `now`.
    public private(set) var policy: Policy
    /// Time between reports in force, in nanoseconds; 0 where none are sent.
    public private(set) var period: UInt64 = 0
    /// When the next report is due; nil where none is.
    public private(set) var due: UInt64?

    private var lastSent: UInt64?
    private var lastAvailable: UInt64?
    private var lastBalloon: UInt64?

    /// Starts with a report after the shortest time.
    public init(_ policy: Policy, now: UInt64) {
        self.policy = policy
        set(policy, now: now)
    }

    /// Changes the policy.
    public mutating func set(_ policy: Policy, now: UInt64) {
        self.policy = policy
        (lastAvailable, lastBalloon, lastSent) = (nil, nil, nil)
        switch policy {
        case .never, .fixed(0): period = 0
        case .fixed(let time): period = time
        case .adaptive(let shortest, _): period = max(1, shortest)
        }
        due = period > 0 ? now.adding(period) : nil
    }

    /// A report was sent, with these numbers in bytes. `short` says that memory is under pressure, below the floor or
    /// that the guest asks for some.
    public mutating func sent(
        availableBytes: UInt64, balloonBytes: UInt64, memoryTotalBytes: UInt64, short: Bool, now: UInt64
    ) {
        defer { (lastAvailable, lastBalloon, lastSent) = (availableBytes, balloonBytes, now) }
        guard period > 0 else { return }
        if case .adaptive(let shortest, let longest) = policy {
            let changed =
                lastAvailable.map { Self.differ($0, availableBytes, of: memoryTotalBytes) } ?? true
                || lastBalloon.map { $0 != balloonBytes } ?? true
            let least = max(1, shortest)
            period = changed || short ? least : min(period.times(2), max(longest, least))
        }
        due = now.adding(period)
    }

    /// Something happened that the host wants to know soon: pressure, a release, a new target. Only `adaptive` hurries,
    /// and never beyond its shortest time after the last report.
    public mutating func noticed(now: UInt64) {
        guard case .adaptive(let shortest, _) = policy else { return }
        period = max(1, shortest)
        due = min(due ?? .max, max(now, (lastSent ?? 0).adding(period)))
    }

    /// A change counts from a fiftieth part of memory on.
    private static func differ(_ one: UInt64, _ other: UInt64, of total: UInt64) -> Bool {
        max(one, other) - min(one, other) > total / 50
    }
}
