public import Wire

/// What a restarted agent has to know of the one before it: policies that were set at run time, the administrator's
/// hold, and the pause after a release. It ends with the boot.
public struct RuntimeState: Sendable, Hashable {
    /// Policies that were set at run time.
    public var overrides: PolicyOverrides
    /// Who forbids inflation.
    public var holds: HoldBook

    /// Why the balloon does not grow, and until when.
    public struct HoldOff: Sendable, Hashable {
        /// Why.
        public var reason: Reason
        /// Its end by CLOCK_BOOTTIME in nanoseconds.
        public var until: UInt64

        /// One hold-off.
        public init(reason: Reason, until: UInt64) {
            self.reason = reason
            self.until = until
        }
    }

    /// The pause after a release.
    public var holdOff: HoldOff?

    /// Nothing that a new agent has to know.
    public init(
        overrides: PolicyOverrides = PolicyOverrides(), holds: HoldBook = HoldBook(), holdOff: HoldOff? = nil
    ) {
        self.overrides = overrides
        self.holds = holds
        self.holdOff = holdOff
    }
}
