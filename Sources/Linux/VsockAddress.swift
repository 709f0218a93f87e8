/// One end of a vsock connection.
public struct VsockAddress: Sendable, Hashable, CustomStringConvertible {
    /// The context: a VM's number, or one of the constants below.
    public var cid: UInt32
    /// The port. Those below ``firstUnprivilegedPort`` are for processes with CAP_NET_BIND_SERVICE.
    public var port: UInt32

    /// Any context, to listen on (VMADDR_CID_ANY).
    public static let any = UInt32.max
    /// This machine itself (VMADDR_CID_LOCAL).
    public static let loopback: UInt32 = 1
    /// A guest's host (VMADDR_CID_HOST).
    public static let host: UInt32 = 2
    /// The first port that every process may bind; see LAST_RESERVED_PORT in net/vmw_vsock/af_vsock.c.
    public static let firstUnprivilegedPort: UInt32 = 1024

    /// An address.
    public init(cid: UInt32, port: UInt32) {
        self.cid = cid
        self.port = port
    }

    /// Whether only a process with CAP_NET_BIND_SERVICE can have it.
    public var isPrivileged: Bool { port < Self.firstUnprivilegedPort }

    /// `vsock:3:700`.
    public var description: String { "vsock:\(cid):\(port)" }
}
