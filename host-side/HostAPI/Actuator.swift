/// What moves a VM's memory.
public enum Actuator: String, Codable, Sendable, CaseIterable {
    /// Ballast's own balloon in the guest; the host discards the pages itself.
    case agent
    /// The VMM's virtio-balloon.
    case device
    /// Nothing: targets are kept, and applied once an actuator is there.
    case none
}

/// Which actuator the policy wants.
public enum ActuatorChoice: String, Codable, Sendable, CaseIterable {
    /// The first that is safe, agent before device.
    case auto
    /// Only the agent balloon.
    case agent
    /// Only the VMM's virtio-balloon.
    case device
}
