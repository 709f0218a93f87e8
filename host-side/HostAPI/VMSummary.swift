/// One line about a VM: `GET /v1/vms`.
public struct VMSummary: Codable, Sendable, Equatable {
    /// Name by the policy file.
    public var name: String
    /// How it stands with the daemon.
    public var state: VMState
    /// The actuator in use.
    public var actuator: Actuator
    /// Why the agent actuator is not used; nil where it is.
    public var actuatorReason: Explanation?
    /// Full size of the VM, in bytes.
    public var maxBytes: UInt64
    /// Lowest target that the policy permits, in bytes.
    public var minBytes: UInt64
    /// The target set by an administrator, in bytes; nil where there is none.
    public var targetBytes: UInt64?
    /// What the guest keeps now, in bytes.
    public var actualBytes: UInt64
    /// Held by the actuator in use, in bytes.
    public var heldBytes: UInt64
    /// Guest RAM resident on the host, in bytes; nil where that is not known.
    public var residentBytes: UInt64?
    /// What keeps the VM from its target, if anything.
    public var limit: Explanation?
    /// Where the agent is reached, as the policy writes it; nil where there is none.
    public var agentAddress: String?
    /// Whether there is a session with the agent; nil from a daemon that does not tell.
    public var agentConnected: Bool?
    /// What the guest asks for; nil where it asks for nothing.
    public var ask: GuestAsk?

    /// Picks the summary out of a detail.
    public init(_ detail: VMDetail) {
        name = detail.name
        state = detail.state
        actuator = detail.actuator
        actuatorReason = detail.actuatorReason
        maxBytes = detail.maxBytes
        minBytes = detail.minBytes
        targetBytes = detail.targetBytes
        actualBytes = detail.actualBytes
        heldBytes = detail.heldBytes
        residentBytes = detail.residentBytes
        limit = detail.limit
        ask = detail.ask
        agentAddress = detail.agent.address
        agentConnected = detail.agent.connected
    }
}
