import ArgumentParser
import HostAPI

/// Whom `ballastctl guest` asks.
enum GuestPlace: Equatable {
    /// A VM, over the daemon.
    case vm(String)
    /// An agent over its own unix socket, inside the guest.
    case local(String)
    /// An agent from the host, without the daemon.
    case remote(AgentAddress)

    /// The agent's unix socket unless its configuration says otherwise.
    static let agentSocket = "/run/ballast/agent.sock"
}
