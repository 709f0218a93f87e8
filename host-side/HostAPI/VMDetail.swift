/// Everything the daemon knows about a VM: `GET /v1/vms/{name}`.
public struct VMDetail: Codable, Sendable, Equatable {
    /// Name by the policy file.
    public var name: String
    /// How it stands with the daemon.
    public var state: VMState = .starting
    /// One sentence on the state where there is more to say.
    public var stateDetail: String?

    /// The actuator in use.
    public var actuator: Actuator = .none
    /// The actuator that the policy asks for.
    public var actuatorChoice: ActuatorChoice = .auto
    /// Why the agent actuator is not used; nil where it is.
    public var actuatorReason: Explanation?
    /// Whether the VM is paused for each discard.
    public var strict: Bool = false
    /// Whether the kill switch of the daemon is on.
    public var paused: Bool = false

    /// Full size of the VM, in bytes.
    public var maxBytes: UInt64
    /// Lowest target that the policy permits, in bytes.
    public var minBytes: UInt64
    /// The target set by an administrator, in bytes; nil where there is none.
    public var targetBytes: UInt64?
    /// What the guest keeps now: its full size less what is held, in bytes.
    public var actualBytes: UInt64
    /// Held by the actuator in use, in bytes.
    public var heldBytes: UInt64 = 0
    /// Populated, pinned or offered now, in bytes.
    public var inFlightBytes: UInt64 = 0
    /// Pinned since a session broke while they were offered, in bytes.
    public var quarantinedBytes: UInt64 = 0
    /// Guest RAM resident on the host, in bytes, from `st_blocks` of its files; nil where that is not known.
    public var residentBytes: UInt64?
    /// `actual` of the VMM's virtio-balloon, in bytes; nil where the VM has no such device.
    public var deviceActualBytes: UInt64?

    /// What keeps the VM from its target, if anything.
    public var limit: Explanation?
    /// The guest's last answer to a target.
    public var outcome: TargetOutcome?
    /// What the guest asks for; nil where it asks for nothing.
    public var ask: GuestAsk?

    /// The agent in the guest.
    public var agent = AgentStatus()
    /// The VMM.
    public var qmp = QMPStatus()
    /// Policies in force in the guest, or asked for where it was not reached yet.
    public var policy: GuestPolicy?
    /// Counters since the daemon started.
    public var counters = VMCounters()

    /// Makes the detail of a VM that nothing is known about yet; set the rest one by one.
    public init(name: String, maxBytes: UInt64, minBytes: UInt64 = 0) {
        self.name = name
        self.maxBytes = maxBytes
        self.minBytes = minBytes
        self.actualBytes = maxBytes
    }
}
