/// How a VM stands with the daemon.
public enum VMState: String, Codable, Sendable, CaseIterable {
    /// The daemon is about to connect for the first time.
    case starting
    /// An actuator is connected and follows the target.
    case connected
    /// The VMM answers, but no actuator can be used now.
    case limited
    /// The VM is paused, migrating or being saved; nothing is changed meanwhile.
    case suspended
    /// Neither the VMM nor the agent answers.
    case unreachable
}
