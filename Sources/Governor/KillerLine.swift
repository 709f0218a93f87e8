/// Where others begin to end programs, in bytes of MemAvailable.
struct KillerLine: Sendable, Equatable {
    /// Below this the balloon yields in steps, and it does not grow near it; 0 without killers.
    private(set) var near: UInt64 = 0
    private(set) var nearKind = OtherKiller.Kind.other
    /// Below this all of it goes back.
    private(set) var close: UInt64 = 0
    private(set) var closeKind = OtherKiller.Kind.other

    /// Nobody.
    init() {}

    /// Translates each killer's own measure to MemAvailable, by what both say at the same time.
    init(_ killers: [OtherKiller], availableBytes: UInt64) {
        for killer in killers {
            func line(_ margin: UInt64) -> UInt64 {
                killer.thresholdBytes.adding(margin).adding(availableBytes.less(killer.availableBytes))
                    .less(killer.availableBytes.less(availableBytes))
            }
            if line(killer.marginBytes) > near { (near, nearKind) = (line(killer.marginBytes), killer.kind) }
            if line(killer.marginBytes / 2) > close {
                (close, closeKind) = (line(killer.marginBytes / 2), killer.kind)
            }
        }
    }
}
