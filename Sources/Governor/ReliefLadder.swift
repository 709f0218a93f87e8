/// How much goes back while programs wait for memory: one holder's share, then twice as much each time.
struct ReliefLadder: Sendable {
    private var share: UInt64 = 0
    private var doublings = 0
    private var lastAt: UInt64?

    /// The next release, no sooner than one window after the last; nil while that lasts.
    mutating func next(
        balloon: UInt64, holders: Int, chunk: UInt64, window: UInt64, persistence: UInt64, now: UInt64
    ) -> (bytes: UInt64, doublings: Int)? {
        guard balloon > 0 else { return nil }
        if let lastAt {
            let time = now.less(lastAt)
            guard time >= window else { return nil }
            if time > max(persistence, window.times(5)) { self.lastAt = nil }
        }
        if lastAt == nil {
            let part = balloon / UInt64(clamping: max(1, holders))
            share = max(part.adding(ByteSize.hugePage - 1).wholeHugePages, chunk, ByteSize.hugePage)
            doublings = 0
        } else {
            doublings = min(doublings + 1, 63)
        }
        lastAt = now
        return (min(balloon, share.times(1 << UInt64(doublings))), doublings)
    }
}
