/// The agent in a guest, as the daemon knows it.
public struct AgentStatus: Codable, Sendable, Equatable {
    /// Whether the policy names a channel to an agent.
    public var configured: Bool
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
    public init(configured: Bool = false, connected: Bool = false) {
        self.configured = configured
        self.connected = connected
        self.balloonAvailable = false
    }
}
