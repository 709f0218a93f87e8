import Glibc
import Linux
import SystemPackage
import Testing

@Suite("Unix sockets")
struct SocketTests {
    @Test("A listener has mode 0600 and knows its peer", arguments: [UnixSocket.Kind.stream, .sequentialPacket])
    func listen(kind: UnixSocket.Kind) throws {
        let directory = TemporaryDirectory()
        let path = directory.path.appending("socket")
        let listener = try UnixSocket.listen(at: path, kind: kind)
        var status = stat()
        #expect(unsafe path.withPlatformString { unsafe stat($0, &status) } == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try UnixSocket.accept(listener.descriptor) == nil)
        let client = try UnixSocket.connect(to: path, kind: kind)
        let server = try #require(try UnixSocket.accept(listener.descriptor))
        let peer = try UnixSocket.peer(of: server.descriptor)
        #expect(peer.processID == getpid())
        #expect(peer.userID == getuid())
        // Not close: a process that is being started beside us may hold a copy for a moment.
        #expect(shutdown(client.rawValue, Int32(SHUT_RDWR)) == 0)
        var buffer = [UInt8](repeating: 0, count: 8)
        let outcome = try unsafe buffer.withUnsafeMutableBytes {
            try unsafe ByteChannel.receive(server.descriptor, into: $0)
        }
        #expect(outcome == .closed)
    }

    @Test("A stale socket is replaced, a living one and a plain file are not")
    func stale() throws {
        let directory = TemporaryDirectory()
        let path = directory.path.appending("socket")
        var first: OwnedDescriptor? = try UnixSocket.listen(at: path)
        #expect(first != nil)
        let error = try #require(throws: LinuxError.self) { try UnixSocket.listen(at: path) }
        #expect(error.code == .busy)
        #expect(shutdown(try #require(first).rawValue, Int32(SHUT_RDWR)) == 0)
        first = nil
        _ = try UnixSocket.listen(at: path)

        try directory.write("precious", to: "file")
        let file = directory.path.appending("file")
        #expect(throws: LinuxError.self) { try UnixSocket.listen(at: file) }
        #expect(try SmallFile.readText(file) == "precious")
    }

    @Test("A path that is too long is an error, not a cut")
    func tooLong() throws {
        let path = FilePath("/tmp/" + String(repeating: "x", count: 120))
        let error = try #require(throws: LinuxError.self) { try UnixSocket.listen(at: path) }
        #expect(error.errno == .fileNameTooLong)
    }

    @Test("A full socket says so instead of blocking; a gone peer is closed, not SIGPIPE")
    func full() throws {
        let (left, right) = try UnixSocket.pair(.sequentialPacket)
        try UnixSocket.setSendBuffer(left.descriptor, bytes: 65536)
        let message = [UInt8](repeating: 7, count: 4096)
        var outcome = ByteChannel.Outcome.bytes(0)
        for _ in 0..<1000 where outcome != .wouldBlock {
            outcome = try unsafe message.withUnsafeBytes { try unsafe ByteChannel.send(left.descriptor, from: $0) }
        }
        #expect(outcome == .wouldBlock)
        #expect(shutdown(right.rawValue, Int32(SHUT_RDWR)) == 0)
        outcome = try unsafe message.withUnsafeBytes { try unsafe ByteChannel.send(left.descriptor, from: $0) }
        #expect(outcome == .closed)
    }
}
