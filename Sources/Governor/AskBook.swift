import Wire

/// The standing ask, and how the guest's demand grows.
struct AskBook: Sendable {
    /// What is needed, and why.
    struct Need {
        let bytes: UInt64
        let reason: Reason
        let urgent: Bool
        let detail: String
    }

    /// The ask that the host has; 0 bytes without one.
    private(set) var bytes: UInt64 = 0
    private(set) var reason: Reason = .noReason
    private(set) var urgent = false
    private(set) var sequence: UInt64 = 0

    private var sentAt: UInt64?
    private var holdFor: UInt64 = 0
    private var neededAt: UInt64 = 0
    private var isNeeded = false

    private var demand: (bytes: UInt64, balloon: UInt64, at: UInt64)?
    /// Growth of what programs use, in bytes a second.
    private(set) var growth: UInt64 = 0

    var isStanding: Bool { bytes > 0 }

    /// When it should be looked at without news: to renew it, or to withdraw it.
    func next(_ rules: AskRules) -> UInt64? {
        guard isStanding, let sentAt else { return nil }
        return isNeeded ? sentAt.adding(holdFor / 2) : neededAt.adding(rules.calm)
    }

    /// Follows what programs use beside the balloon. While the balloon changes (`settled` is false), nothing can be told.
    mutating func follow(availableBytes: UInt64, balloonBytes: UInt64, total: UInt64, settled: Bool, now: UInt64) {
        let used = total.less(availableBytes).less(balloonBytes)
        guard let before = demand, before.balloon == balloonBytes, settled else {
            demand = (used, balloonBytes, now)
            growth = 0
            return
        }
        let time = now.less(before.at)
        guard time >= DurationText.second / 2 else { return }
        demand = (used, balloonBytes, now)
        guard time <= 10 * DurationText.second else {
            growth = 0
            return
        }
        let rate = used.less(before.bytes).scaled(DurationText.second, over: time)
        // Four seconds of memory.
        let weight = min(time, 4 * DurationText.second)
        let old = growth.scaled(4 * DurationText.second - weight, over: 4 * DurationText.second)
        growth = old.adding(rate.scaled(weight, over: 4 * DurationText.second))
    }

    /// What to tell the host now that so much is needed.
    mutating func update(_ need: Need?, holdFor: UInt64, _ rules: AskRules, now: UInt64) -> MemoryAsk? {
        isNeeded = need.map { $0.bytes > 0 } ?? false
        guard let need, isNeeded else { return withdraw(rules, now: now) }
        neededAt = now
        let since = sentAt.map { now.less($0) } ?? .max
        let bytes = need.bytes.adding(ByteSize.hugePage - 1).wholeHugePages
        // Less can wait until the ask is renewed.
        let isNews = !isStanding || need.urgent && !urgent || bytes.less(self.bytes) > self.bytes / 4
        let isDue = isStanding && since >= self.holdFor / 2
        guard isNews && (since >= rules.interval || need.urgent && !urgent) || isDue else { return nil }
        (self.bytes, reason, urgent, self.holdFor) = (bytes, need.reason, need.urgent, holdFor)
        return send(need.detail, now: now)
    }

    private mutating func withdraw(_ rules: AskRules, now: UInt64) -> MemoryAsk? {
        guard isStanding, now >= neededAt.adding(rules.calm) else { return nil }
        (bytes, reason, urgent, holdFor) = (0, .noReason, false, 0)
        return send("enough memory is available again", now: now)
    }

    private mutating func send(_ detail: String, now: UInt64) -> MemoryAsk {
        sentAt = now
        sequence = sequence.adding(1)
        return MemoryAsk(
            bytes: bytes, reason: reason, detail: detail, urgent: urgent, holdFor: holdFor, sequence: sequence)
    }
}
