/// When the guest asks the host for memory. All are nanoseconds.
public struct AskRules: Sendable, Equatable {
    /// How long an ask holds; it is renewed after half of it while the need lasts.
    public var hold: UInt64
    /// How far ahead a growing demand is looked at.
    public var horizon: UInt64
    /// How long nothing must be needed before an ask is withdrawn.
    public var calm: UInt64
    /// Shortest time between two asks; one that becomes urgent goes at once.
    public var interval: UInt64

    /// The defaults: 10 s, 10 s ahead, withdrawn after 5 s, at most one a second.
    public init(
        hold: UInt64 = 10 * DurationText.second, horizon: UInt64 = 10 * DurationText.second,
        calm: UInt64 = 5 * DurationText.second, interval: UInt64 = DurationText.second
    ) {
        self.hold = hold
        self.horizon = horizon
        self.calm = calm
        self.interval = interval
    }
}
