/// The version of the agent.
public enum AgentVersion {
    /// As printed by `--version` and told in HelloReply.
    public static let current = "0.2.0"
}
