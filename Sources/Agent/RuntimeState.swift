/// What a restarted agent has to know of the one before it: policies that were set at run time, and the
/// administrator's hold. It ends with the boot.
public struct RuntimeState: Sendable, Hashable {
    /// Policies that were set at run time.
    public var overrides: PolicyOverrides
    /// Who forbids inflation.
    public var holds: HoldBook

    /// Nothing that a new agent has to know.
    public init(overrides: PolicyOverrides = PolicyOverrides(), holds: HoldBook = HoldBook()) {
        self.overrides = overrides
        self.holds = holds
    }
}
