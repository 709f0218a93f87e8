import ArgumentParser
import HostAPI

/// The options that say how a guest's agent is reached without the daemon.
struct GuestPlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The guest's vsock context, on its host; as root.", valueName: "cid"))
    var vsock: String?

    @Option(
        help: ArgumentHelp(
            "The unix socket of the guest's hybrid vsock (Firecracker, Cloud Hypervisor), on its host.",
            valueName: "path"))
    var unix: String?

    @Option(
        help: ArgumentHelp("The unix socket of the guest's virtio-serial port, on its host.", valueName: "path"))
    var serial: String?

    @Option(
        help: ArgumentHelp("The agent's own socket, inside the guest (\(GuestPlace.agentSocket)).", valueName: "path"))
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The agent's vsock port (\(AgentAddress.usualPort)), with --vsock or --unix.", valueName: "n"))
    var port: String?

    /// What they say; nil where none is given.
    ///
    /// - Throws: `ValidationError` where they make no sense.
    func place() throws -> GuestPlace? {
        guard [vsock, unix, serial, socket].compactMap(\.self).count <= 1 else {
            throw ValidationError("Use one of --vsock, --unix, --serial and --socket.")
        }
        var number = AgentAddress.usualPort
        if let port {
            guard vsock != nil || unix != nil else { throw ValidationError("--port belongs to --vsock or --unix.") }
            guard let read = AgentAddress.port(port) else { throw ValidationError("\"\(port)\" is no vsock port.") }
            number = read
        }
        if let vsock {
            // 1 is this machine, where an agent refuses: it tells so better than we could.
            guard let cid = vsock == "1" ? 1 : AgentAddress.guestCID(vsock) else {
                throw ValidationError(
                    "\"\(vsock)\" is no guest's CID: a number above 2, as its VMM was started with (guest-cid=).")
            }
            return .remote(.vsock(cid: cid, port: number))
        }
        if let unix { return .remote(.hybrid(unix, port: number)) }
        if let serial { return .remote(.serial(serial)) }
        return socket.map { .local($0) }
    }
}
