import Linux
import Wire

@testable import TestKit

/// The host's end of a session, by hand. Its calls block.
final class WirePeer: @unchecked Sendable {
    private let read: () throws -> [UInt8]
    private let write: ([UInt8]) throws -> Void
    private var session: PeerSession
    private var established = false

    /// Over a hybrid vsock, to the agent's port.
    convenience init(vsock socket: String, hello: Hello) throws {
        guard let stream = try VsockStream(socket: socket, port: 700, timeout: .seconds(30)) else {
            throw KitError("nobody listens on the guest's port 700")
        }
        try self.init(hello: hello, read: { try stream.read() }, write: { try stream.write($0, timeout: .seconds(5)) })
    }

    /// Over the unix socket behind a virtio-serial port.
    convenience init(port socket: String, hello: Hello) throws {
        let stream = try UnixStream(path: socket, timeout: .seconds(30))
        try self.init(
            hello: hello, read: { stream.read(timeout: .seconds(30)) ?? [] },
            write: { try stream.write($0, timeout: .seconds(5)) })
    }

    private init(hello: Hello, read: @escaping () throws -> [UInt8], write: @escaping ([UInt8]) throws -> Void) throws {
        (self.read, self.write) = (read, write)
        session = PeerSession(hello: hello)
        try perform(session.start(session: try RandomBytes.nonZero(), now: MonotonicClock.now()))
        while !established {
            let bytes = try read()
            if bytes.isEmpty { throw KitError("the agent ends the connection") }
            try perform(session.receive(bytes, now: MonotonicClock.now()))
        }
    }

    /// Asks for everything, again and again, and reads nothing; returns how often that was possible.
    func askWithoutReading(_ times: Int) -> Int {
        for number in 0..<times {
            do {
                try perform(session.send(.query(Query(topics: [.memory, .pressure, .workingSet, .balloon]))).actions)
            } catch {
                return number
            }
        }
        return times
    }

    /// Whether the agent has ended the connection: then there is an end to what can be read.
    func isDropped() throws -> Bool {
        for _ in 0..<10_000 {
            if try read().isEmpty { return true }
        }
        return false
    }

    private func perform(_ actions: [PeerSession.Action]) throws {
        for action in actions {
            switch action {
            case .transmit(let bytes): try write(bytes)
            case .established: established = true
            case .message: break
            case .failed(let fault): throw Refused(fault: fault)
            }
        }
    }

    /// The agent said no.
    struct Refused: Error {
        let fault: SessionFault
    }
}
