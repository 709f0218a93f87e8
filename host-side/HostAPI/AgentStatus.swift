/// The agent in a guest, as the daemon knows it.
public struct AgentStatus: Codable, Sendable, Equatable {
    /// Whether the policy names a channel to an agent.
    public var configured: Bool
    /// Where it is reached, as the policy writes it, with the CID where the VMM tells it.
    public var address: String?
    /// Whether a session is established now.
    public var connected: Bool
    /// Since when `connected` is as it is.
    public var since: Timestamp?
    /// Version of the agent last seen.
    public var version: String?
    /// Kernel release of the guest.
    public var kernel: String?
    /// Boot id of the guest's kernel.
    public var bootId: String?
    /// Whether the guest can run the agent balloon.
    public var balloonAvailable: Bool
    /// Why it cannot.
    public var balloonRefusal: Explanation?
    /// Why there is no session, where it is known.
    public var problem: String?

    /// Makes the status of an agent that was never seen.
    public init(configured: Bool = false, connected: Bool = false, address: String? = nil) {
        self.configured = configured
        self.address = address
        self.connected = connected
        self.balloonAvailable = false
    }
}
