import CLinux
import Glibc
public import SystemPackage

/// Non-blocking reads and writes into memory that the caller owns; nothing is allocated.
public enum ByteChannel {
    /// What one call did.
    public enum Outcome: Sendable, Equatable {
        /// This many bytes went through, at least one.
        case bytes(Int)
        /// Not now; ask epoll.
        case wouldBlock
        /// The other side is gone (or, on a virtio-serial port, not there: back off and try again).
        case closed
    }

    /// Reads from a socket, a port or a pipe.
    public static func read(
        _ descriptor: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer
    ) throws(LinuxError) -> Outcome {
        try outcome("reading", emptyMeansClosed: true) {
            unsafe Glibc.read(descriptor.rawValue, buffer.baseAddress, buffer.count)
        }
    }

    /// Writes to a port or a pipe; SIGPIPE must be ignored. Use `send` for sockets.
    public static func write(
        _ descriptor: FileDescriptor, from buffer: UnsafeRawBufferPointer
    ) throws(LinuxError) -> Outcome {
        try outcome("writing", emptyMeansClosed: false) {
            unsafe Glibc.write(descriptor.rawValue, buffer.baseAddress, buffer.count)
        }
    }

    /// Sends to a socket; one message on a sequential-packet socket.
    public static func send(
        _ descriptor: FileDescriptor, from buffer: UnsafeRawBufferPointer
    ) throws(LinuxError) -> Outcome {
        try outcome("sending", emptyMeansClosed: false) {
            unsafe ballast_send(descriptor.rawValue, buffer.baseAddress, UInt(buffer.count))
        }
    }

    /// Receives from a socket; one message on a sequential-packet socket (what does not fit is lost).
    public static func receive(
        _ descriptor: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer
    ) throws(LinuxError) -> Outcome {
        try outcome("receiving", emptyMeansClosed: true) {
            unsafe ballast_receive(descriptor.rawValue, buffer.baseAddress, UInt(buffer.count))
        }
    }

    private static func outcome(
        _ operation: @autoclosure () -> String, emptyMeansClosed: Bool, _ body: () -> Int
    ) throws(LinuxError) -> Outcome {
        while true {
            let count = body()
            if count > 0 { return .bytes(count) }
            if count == 0 { return emptyMeansClosed ? .closed : .wouldBlock }
            let errno = lastErrno
            switch errno {
            case .interrupted: continue
            case .wouldBlock: return .wouldBlock
            case .brokenPipe, .connectionReset, .socketNotConnected: return .closed
            default: throw LinuxError(errno: errno, operation: operation())
            }
        }
    }
}
