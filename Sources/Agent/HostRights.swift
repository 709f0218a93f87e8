/// What the guest's owner lets the host do; `[policy] host-may`.
public enum HostRights: String, Sendable, Equatable, CaseIterable {
    /// Set targets, and policies where the configuration allows it.
    case control
    /// Read reports; targets and policies are refused.
    case observe
}
