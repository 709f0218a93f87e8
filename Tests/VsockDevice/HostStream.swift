import Glibc
import Linux
import VsockModel

/// A program of the host that is, or wants to be, connected to the guest. Readiness is kept here, since epoll tells of
/// changes only.
final class HostStream {
    enum Phase {
        /// It has not said yet which port it wants.
        case dialing(DialLine)
        /// The guest was asked.
        case asking(ConnectionID)
        /// Bytes flow.
        case open(ConnectionID)
    }

    /// What an attempt to move bytes came to.
    enum Outcome: Equatable {
        case moved(Int)
        case notNow
        case ended
        case failed
    }

    let token: UInt64
    let socket: OwnedDescriptor
    var phase: Phase
    var isReadable = false
    var isWritable = false
    var hasHungUp = false
    /// Whether it sends no more, or nobody wants it to.
    var readingEnded = false
    /// Whether it waits in the list of those with bytes for the guest.
    var isListed = false

    init(token: UInt64, socket: OwnedDescriptor, phase: Phase) {
        self.token = token
        self.socket = socket
        self.phase = phase
    }

    var connection: ConnectionID? {
        switch phase {
        case .dialing: nil
        case .asking(let id), .open(let id): id
        }
    }

    var isOpen: Bool { if case .open = phase { true } else { false } }

    /// Reads into `buffer` from `offset` on, `count` bytes at most. The buffer has to be that large.
    func read(into buffer: inout [UInt8], at offset: Int, count: Int) -> Outcome {
        let wanted = min(count, buffer.count - offset)
        while true {
            let result = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(socket.rawValue, bytes.baseAddress.map { unsafe $0 + offset }, wanted)
            }
            if result > 0 { return .moved(result) }
            if result == 0 { return .ended }
            if errno == EINTR { continue }
            if errno == EAGAIN {
                isReadable = false
                return .notNow
            }
            return .failed
        }
    }

    /// Writes what the socket takes.
    func write(_ bytes: Span<UInt8>) -> Outcome {
        while true {
            let result = unsafe bytes.withUnsafeBytes {
                unsafe send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if result >= 0 { return .moved(result) }
            if errno == EINTR { continue }
            if errno == EAGAIN {
                isWritable = false
                return .notNow
            }
            return .failed
        }
    }

    func endWriting() { _ = shutdown(socket.rawValue, Int32(SHUT_WR)) }

    func endReading() {
        readingEnded = true
        _ = shutdown(socket.rawValue, Int32(SHUT_RD))
    }
}
