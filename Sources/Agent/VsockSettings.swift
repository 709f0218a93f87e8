/// The vsock listener; `[vsock]`.
public struct VsockSettings: Sendable, Equatable {
    /// Who of the host may look at the guest's memory.
    public enum Observers: String, Sendable, CaseIterable {
        /// Nobody over vsock.
        case off
        /// Whoever has a port below 1024: root of the host.
        case privileged
        /// Every process of the host.
        case any
    }

    /// Whether the agent listens; `enabled`.
    public var isEnabled = true
    /// The port, below 1024; `port`.
    public var port: UInt32 = 700
    /// Whether a controller must have a port below 1024; `require-privileged-peer`.
    public var requiresPrivilegedPeer = true
    /// Who may observe; `observers`.
    public var observers = Observers.privileged

    /// The defaults.
    public init() {}
}
