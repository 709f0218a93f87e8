import CLinux
import Glibc
public import SystemPackage

/// vsock stream sockets; all of them non-blocking and close-on-exec. Send and receive with `ByteChannel`.
public enum VsockSocket {
    /// Whether this kernel has vsock loaded: making a socket would load it, which nobody asked for.
    public static func isLoaded(sysRoot: FilePath = "/sys") -> Bool {
        SmallFile.exists(sysRoot.appending("class/misc/vsock"))
    }

    /// Listens on a port of every context.
    /// - Parameter port: one below 1024 needs CAP_NET_BIND_SERVICE, so that no other user can take it first.
    public static func listen(port: UInt32, backlog: Int32 = 64) throws(LinuxError) -> OwnedDescriptor {
        let socket = try create()
        try systemCall(
            "binding vsock port \(port)", remedy: "another process may have it, or the agent lacks CAP_NET_BIND_SERVICE"
        ) { ballast_vsock_bind(socket.rawValue, VsockAddress.any, port) }
        try systemCall("listening on vsock port \(port)") { Glibc.listen(socket.rawValue, backlog) }
        return socket
    }

    /// Accepts a connection and tells who is at the other end; nil when there is none.
    public static func accept(
        _ listener: FileDescriptor
    ) throws(LinuxError) -> (socket: OwnedDescriptor, peer: VsockAddress)? {
        while let socket = try UnixSocket.accept(listener) {
            // One that is gone already has no peer.
            if let peer = try? peer(of: socket.descriptor) { return (socket, peer) }
        }
        return nil
    }

    /// Who is at the other end.
    public static func peer(of socket: FileDescriptor) throws(LinuxError) -> VsockAddress {
        var address = VsockAddress(cid: 0, port: 0)
        try systemCall("asking who is connected") {
            unsafe ballast_vsock_peer(socket.rawValue, &address.cid, &address.port)
        }
        return address
    }

    /// Begins to connect; ``isConnected(_:)`` tells when that is done.
    ///
    /// A port below 1024 tells the other side that the caller may have one. Each is taken while its connection lives,
    /// so that a host has 511 of them for its connections.
    /// A process that may have none connects from another, and the other side decides.
    public static func connect(to address: VsockAddress) throws(LinuxError) -> OwnedDescriptor {
        let socket = try create()
        try bindPrivileged(socket)
        do throws(LinuxError) {
            try systemCall("connecting to \(address)") {
                ballast_vsock_connect(socket.rawValue, address.cid, address.port)
            }
        } catch {
            guard error.errno == .nowInProgress else { throw explain(error.errno, address) }
        }
        return socket
    }

    /// Whether a connection that was begun is there now; false while it is on its way.
    /// - Throws: why it failed.
    public static func isConnected(_ socket: FileDescriptor, to address: VsockAddress) throws(LinuxError) -> Bool {
        var entry = pollfd(fd: socket.rawValue, events: Int16(POLLOUT), revents: 0)
        let ready = try systemCall("waiting for a connection") { unsafe poll(&entry, 1, 0) }
        guard ready > 0 else { return false }
        let error = try systemCall("asking for a connection's error") { ballast_socket_error(socket.rawValue) }
        if error != 0 { throw explain(Errno(rawValue: error), address) }
        return true
    }

    /// Takes one of the low ports, unless this process may have none.
    private static func bindPrivileged(_ socket: OwnedDescriptor) throws(LinuxError) {
        // The lower half is left to services, as rresvport(3) leaves it, and so is the agent's own port.
        let first: UInt32 = 512
        let count = VsockAddress.firstUnprivilegedPort - first
        let start = UInt32.random(in: 0..<count)
        for offset in 0..<count {
            let port = first + (start + offset) % count
            if port == 700 { continue }
            if ballast_vsock_bind(socket.rawValue, VsockAddress.any, port) == 0 { return }
            switch lastErrno {
            case .addressInUse, .interrupted: continue
            case .permissionDenied, .notPermitted: return
            default: throw LinuxError(errno: lastErrno, operation: "binding a vsock port below 1024")
            }
        }
        throw LinuxError(
            code: .busy, operation: "binding a vsock port below 1024: all of them are in use",
            remedy: "a host has 511 for its connections to guests; use virtio-serial for some of them")
    }

    private static func create() throws(LinuxError) -> OwnedDescriptor {
        do throws(LinuxError) {
            return OwnedDescriptor(rawValue: try systemCall("creating a vsock socket") { ballast_vsock_socket() })
        } catch {
            guard error.errno == .addressFamilyNotSupported else { throw error }
            throw LinuxError(
                code: .unsupported, errno: error.errno, operation: error.operation,
                remedy: "this kernel, or the unit that this runs in, allows no vsock: on a host load the module "
                    + "vhost_vsock, or use --unix or --serial; RestrictAddressFamilies= of a unit must have AF_VSOCK")
        }
    }

    private static func explain(_ errno: Errno?, _ address: VsockAddress) -> LinuxError {
        let remedy =
            switch errno {
            case .connectionReset, .connectionRefused, .protocolError:
                "nobody listens there: does ballast-agent run in that guest, with [vsock] enabled?"
            case .operationNotSupportedByDevice:
                "is there a running guest with that CID, and is the module vhost_vsock loaded? A guest of Firecracker "
                    + "or Cloud Hypervisor has a hybrid vsock (--unix)"
            case .timedOut, .networkUnreachable, .noRouteToHost, .addressNotAvailable:
                "is there a running guest with that CID?"
            default: ""
            }
        return LinuxError(
            code: errno == nil ? .systemCall : .notFound, errno: errno, operation: "connecting to \(address)",
            remedy: remedy)
    }
}
