import CLinux
import Glibc
public import SystemPackage

/// Unix sockets; all of them non-blocking and close-on-exec.
public enum UnixSocket {
    /// What a socket carries.
    public enum Kind: Sendable {
        /// Bytes.
        case stream
        /// Messages with borders.
        case sequentialPacket

        var number: Int32 { self == .stream ? BALLAST_SOCK_STREAM : BALLAST_SOCK_SEQPACKET }
    }

    /// Who is at the other end, as it was when the connection was made.
    public struct Peer: Sendable, Equatable {
        /// Its process; 0 when it is in another process namespace.
        public let processID: Int32
        /// Its user.
        public let userID: UInt32
        /// Its group.
        public let groupID: UInt32
    }

    /// Listens at a path. A socket left behind by a dead process is replaced; one that is answered is not.
    /// - Parameters:
    ///   - path: shorter than 108 bytes.
    ///   - mode: rights of the socket file.
    public static func listen(
        at path: FilePath, kind: Kind = .stream, mode: UInt32 = 0o600, backlog: Int32 = 16
    ) throws(LinuxError) -> OwnedDescriptor {
        try removeStale(path, kind: kind)
        let socket = try create(kind)
        try systemCall("binding the socket \(path)", remedy: "check the path's directory, length and rights") {
            unsafe path.withPlatformString { unsafe ballast_unix_bind(socket.rawValue, $0, mode) }
        }
        try systemCall("listening at \(path)") { Glibc.listen(socket.rawValue, backlog) }
        return socket
    }

    /// Accepts a connection; nil when there is none.
    public static func accept(_ listener: FileDescriptor) throws(LinuxError) -> OwnedDescriptor? {
        while true {
            let number = ballast_accept(listener.rawValue)
            if number >= 0 { return OwnedDescriptor(rawValue: number) }
            let errno = lastErrno
            switch errno {
            case .interrupted, .connectionAbort: continue
            case .wouldBlock: return nil
            default: throw LinuxError(errno: errno, operation: "accepting a connection")
            }
        }
    }

    /// Connects to a path; local connections succeed or fail at once.
    public static func connect(to path: FilePath, kind: Kind = .stream) throws(LinuxError) -> OwnedDescriptor {
        let socket = try create(kind)
        try systemCall("connecting to \(path)") {
            unsafe path.withPlatformString { unsafe ballast_unix_connect(socket.rawValue, $0) }
        }
        return socket
    }

    /// Two sockets that are connected to each other.
    public static func pair(_ kind: Kind) throws(LinuxError) -> (OwnedDescriptor, OwnedDescriptor) {
        var numbers: [Int32] = [-1, -1]
        try systemCall("creating a pair of sockets") { unsafe ballast_unix_pair(kind.number, &numbers) }
        return (OwnedDescriptor(rawValue: numbers[0]), OwnedDescriptor(rawValue: numbers[1]))
    }

    /// Who is at the other end.
    public static func peer(of socket: FileDescriptor) throws(LinuxError) -> Peer {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
        try systemCall("asking who is connected") {
            unsafe ballast_peer_credentials(socket.rawValue, &process, &user, &group)
        }
        return Peer(processID: process, userID: user, groupID: group)
    }

    /// Asks for room for this many bytes of unread messages.
    public static func setSendBuffer(_ socket: FileDescriptor, bytes: Int32) throws(LinuxError) {
        var value = bytes
        try systemCall("enlarging a socket's buffer") {
            unsafe setsockopt(socket.rawValue, SOL_SOCKET, SO_SNDBUF, &value, 4)
        }
    }

    private static func create(_ kind: Kind) throws(LinuxError) -> OwnedDescriptor {
        OwnedDescriptor(rawValue: try systemCall("creating a unix socket") { ballast_unix_socket(kind.number) })
    }

    private static func removeStale(_ path: FilePath, kind: Kind) throws(LinuxError) {
        var status = stat()
        guard unsafe path.withPlatformString({ unsafe lstat($0, &status) }) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw LinuxError(
                code: .busy, operation: "listening at \(path): something that is no socket is there",
                remedy: "remove it or choose another path")
        }
        do {
            _ = try connect(to: path, kind: kind)
        } catch {
            guard error.errno == .connectionRefused else {
                if error.errno == .noSuchFileOrDirectory { return }
                throw LinuxError(
                    code: .busy, errno: error.errno, operation: "listening at \(path): it may be in use",
                    remedy: "stop the other process or choose another path")
            }
            _ = unsafe path.withPlatformString { unsafe unlink($0) }
            return
        }
        throw LinuxError(
            code: .busy, operation: "listening at \(path): another process answers there",
            remedy: "stop it or choose another path")
    }
}
