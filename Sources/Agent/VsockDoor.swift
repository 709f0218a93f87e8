import Linux
import Wire

/// Decides what a peer of the vsock listener may be.
///
/// The kernel vouches for both numbers: vhost drops packets whose context is not the sender's own, and a port below
/// 1024 needs CAP_NET_BIND_SERVICE on the machine where it is bound (net/vmw_vsock/af_vsock.c).
struct VsockDoor: Sendable {
    /// What a peer may be, and what it is told where it asks for more.
    struct Verdict: Sendable, Equatable {
        var roles: Set<Role> = []
        /// Names the rule and what to do; for the peer's administrator.
        var refusal = ""
        /// Whether its queries are counted, with those of all others like it.
        var isMetered = false
    }

    let settings: VsockSettings

    /// What the process at the other end may be.
    func judge(_ peer: VsockAddress) -> Verdict {
        switch peer.cid {
        case VsockAddress.host: return judgeHost(peer)
        case VsockAddress.loopback:
            return Verdict(
                refusal: "connections from inside the guest (CID 1) are refused; inside it use the agent's own "
                    + "socket, as root: ballastctl guest memory")
        default:
            return Verdict(refusal: "only the host (CID 2) may connect, not CID \(peer.cid)")
        }
    }

    private func judgeHost(_ peer: VsockAddress) -> Verdict {
        if peer.isPrivileged {
            if settings.observers == .off {
                return Verdict(
                    roles: [.controller], refusal: "the guest's configuration has observers = \"off\" in [vsock]")
            }
            return Verdict(roles: [.controller, .observer])
        }
        var verdict = Verdict(isMetered: true)
        if !settings.requiresPrivilegedPeer {
            verdict.roles.insert(.controller)
            verdict.isMetered = false
            if settings.observers != .off { verdict.roles.insert(.observer) }
        } else if settings.observers == .any {
            verdict.roles.insert(.observer)
        }
        if verdict.roles.count == 2 { return verdict }
        let port = "the port \(peer.port) is not below 1024, so anybody on the host may have it"
        verdict.refusal =
            switch settings.observers {
            case .off where !settings.requiresPrivilegedPeer:
                "the guest's configuration has observers = \"off\" in [vsock]"
            case .off:
                "\(port), and the guest's configuration has observers = \"off\" in [vsock]: only a controller may come, "
                    + "as root of the host"
            case .privileged:
                "\(port): run this as root of the host; a guest behind a hybrid vsock (Firecracker, Cloud Hypervisor) "
                    + "needs require-privileged-peer = false in [vsock]"
            case .any:
                "\(port): only observers may; a controller runs as root of the host, or the guest has "
                    + "require-privileged-peer = false in [vsock]"
            }
        return verdict
    }
}
