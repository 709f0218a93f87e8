public import HostAPI

/// What the policy file says: the daemon itself, and the VMs it looks after.
public struct HostPolicy: Sendable, Equatable {
    /// Path of the API's unix socket.
    public var socketPath = APIRoute.defaultSocketPath
    /// Permissions of that socket.
    public var socketMode: UInt32 = 0o600
    /// Directory of what survives a restart.
    public var stateDirectory = "/var/lib/ballast"
    /// Level of the log: trace, debug, info, notice, warning, error or critical.
    public var logLevel = "info"
    /// What the pool of huge pages must have beyond what guests are missing, in bytes.
    public var hugePageMarginBytes: UInt64 = 64 << 20
    /// The VMs, in the order of the file.
    public var vms: [VMPolicy] = []

    /// Makes the default policy, which names no VM.
    public init() {}
}

/// What the policy says about one VM.
public struct VMPolicy: Sendable, Equatable {
    /// Name of the VM; unique.
    public var name: String
    /// Path of a QMP socket that Ballast has for itself.
    public var qmp: String
    /// Where the agent is reached; nil where there is no agent.
    public var agent: AgentAddress?
    /// The lowest target that is accepted: bytes, or a share of the VM's size.
    public var minimum = TargetSize.bytes(0)
    /// The highest target that is accepted, in bytes; nil means the VM's full size.
    public var maximumBytes: UInt64?
    /// Which actuator to use.
    public var actuator = ActuatorChoice.auto
    /// Whether the VM is paused for each discard.
    public var strict = false
    /// Policies given to the guest when it connects; what is nil is left to the guest's configuration.
    public var guest = GuestPolicyChange()
    /// Process id of the VMM; nil lets Ballast ask the QMP socket for its peer.
    public var pid: Int32?

    /// Makes the policy of a VM with defaults.
    public init(name: String, qmp: String) {
        self.name = name
        self.qmp = qmp
    }

    /// The lowest target that is accepted, in bytes, for a VM of the given full size.
    public func minimumBytes(of size: UInt64) -> UInt64 {
        min(size, minimum.bytes(of: size) ?? 0)
    }
}
