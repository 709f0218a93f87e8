import ArgumentParser
import HostAPI

/// Whom `ballastctl guest` asks.
enum GuestPlace: Equatable {
    /// A VM, over the daemon.
    case vm(String)
    /// An agent over its own unix socket, inside the guest.
    case unix(String)
    /// An agent over the socket behind its virtio-serial port, on the host.
    case serial(String)

    /// The agent's unix socket unless its configuration says otherwise.
    static let agentSocket = "/run/ballast/agent.sock"

    /// The socket of an agent that is asked without the daemon.
    var socket: String? {
        switch self {
        case .vm: nil
        case .unix(let path), .serial(let path): path
        }
    }
}
