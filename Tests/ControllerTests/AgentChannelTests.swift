import HostAPI
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Controller

@Suite("Dialling an agent", .timeLimit(.minutes(3)))
struct AgentChannelTests {
    /// One answer of a socket to whoever connects first: after so many bytes of a request.
    private func withSocket(
        _ answer: String, closing: Bool = false, _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/vsock"
        let listener = try UnixSocket.listen(at: FilePath(path))
        let dialling = Task { try await body(path) }
        var accepted: OwnedDescriptor?
        while accepted == nil {
            accepted = try UnixSocket.accept(listener.descriptor)
            try await Task.sleep(for: .milliseconds(5))
        }
        guard let socket = accepted else { return [] }
        var request: [UInt8] = []
        while request.last != 10 {
            var space = [UInt8](repeating: 0, count: 100)
            let outcome = try space.withUnsafeMutableBytes { bytes throws(LinuxError) in
                try ByteChannel.receive(socket.descriptor, into: bytes)
            }
            if case .bytes(let count) = outcome { request += space[..<count] }
            try await Task.sleep(for: .milliseconds(5))
        }
        for byte in answer.utf8 {
            _ = try [byte].withUnsafeBytes { bytes throws(LinuxError) in
                try ByteChannel.send(socket.descriptor, from: bytes)
            }
        }
        if closing { socket.close() }
        try await dialling.value
        return request
    }

    @Test("A hybrid vsock is asked for the port first, and what comes after its answer is the agent's")
    func hybrid() async throws {
        let request = try await withSocket("OK 1024\nhello") { path in
            let channel = try await AgentChannel.connect(to: .hybrid(path, port: 701))
            let heard = Heard()
            let reading = Task { await channel.read { await heard.take($0) } }
            while await heard.bytes.count < 5 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(await heard.bytes == Array("hello".utf8))
            channel.close()
            await reading.value
        }
        #expect(request == Array("CONNECT 701\n".utf8))
    }

    @Test("A guest without an agent, and a socket that is none of a hybrid vsock, are told apart")
    func refused() async throws {
        _ = try await withSocket("", closing: true) { path in
            let error = await #expect(throws: AgentDialError.self) {
                _ = try await AgentChannel.connect(to: .hybrid(path, port: 700))
            }
            #expect(error?.description.contains("nobody listens") == true)
        }
        _ = try await withSocket("HTTP/1.1 400\r\n") { path in
            let error = await #expect(throws: AgentDialError.self) {
                _ = try await AgentChannel.connect(to: .hybrid(path, port: 700))
            }
            #expect(error?.description.contains("HTTP/1.1 400") == true)
        }
    }

    @Test("A socket that never answers holds up nobody for long")
    func silent() async throws {
        _ = try await withSocket("") { path in
            let error = await #expect(throws: AgentDialError.self) {
                _ = try await AgentChannel.connect(to: .hybrid(path, port: 700))
            }
            #expect(error?.description.contains("does not answer") == true)
        }
    }

    @Test("A socket that is missing, or that nobody serves, is an error of the dial alone")
    func missing() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/vsock"
        await #expect(throws: (any Error).self) {
            _ = try await AgentChannel.connect(to: .hybrid(path, port: 700))
        }
        var listener: OwnedDescriptor? = try UnixSocket.listen(at: FilePath(path))
        #expect(listener != nil)
        listener = nil
        await #expect(throws: (any Error).self) {
            _ = try await AgentChannel.connect(to: .hybrid(path, port: 700))
        }
    }

    @Test("A context that nobody has, or a machine without vsock, is an error that says what to do")
    func vsock() async throws {
        let error = await #expect(throws: (any Error).self) {
            _ = try await AgentChannel.connect(to: .vsock(cid: 4_000_000, port: 700))
        }
        #expect("\(String(describing: error))".contains("vsock"))
        let unnamed = await #expect(throws: AgentDialError.self) {
            _ = try await AgentChannel.connect(to: .vsock(cid: nil, port: 700))
        }
        #expect(unnamed?.description.contains("vsock:CID") == true)
    }

    private actor Heard {
        var bytes: [UInt8] = []
        func take(_ more: [UInt8]) { bytes += more }
    }
}
