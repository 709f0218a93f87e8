import Glibc
import Linux
import SystemPackage
import Testing

@testable import Agent

@Suite("The socket that systemd-oomd looks for")
struct PrekillServerTests {
    private let second: UInt64 = 1_000_000_000
    private let folder = TemporaryDirectory()
    private var path: FilePath { folder.path.appending("ballast") }

    /// What is there to read now; nil where the server closed the connection.
    private func read(_ socket: OwnedDescriptor) throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let outcome = try unsafe buffer.withUnsafeMutableBytes { space throws(LinuxError) in
            try unsafe ByteChannel.receive(socket.descriptor, into: space)
        }
        switch outcome {
        case .bytes(let count): return Array(buffer[..<count])
        case .wouldBlock: return []
        case .closed: return nil
        }
    }

    private func send(_ text: String, _ socket: OwnedDescriptor) throws {
        let bytes = Array(text.utf8) + [0]
        let outcome = try unsafe bytes.withUnsafeBytes { part throws(LinuxError) in
            try unsafe ByteChannel.send(socket.descriptor, from: part)
        }
        #expect(outcome == .bytes(bytes.count))
    }

    private let notify = #"{"method":"io.systemd.oom.Prekill.Notify","parameters":{"cgroup":"/user.slice/x.scope"}}"#

    @Test("A call is answered after the release, as systemd-oomd makes it: one connection, one call")
    func call() throws {
        let server = try PrekillServer(path) { $0 == getuid() }
        let client = try UnixSocket.connect(to: path)
        try send(notify, client)
        var told: [String] = []
        for _ in 0..<2 {
            server.serve(now: 0) { cgroup in
                told.append(cgroup)
                #expect((try? read(client)) == [])
            }
        }
        #expect(told == ["/user.slice/x.scope"])
        #expect(try read(client) == Array(#"{"parameters":{}}"#.utf8) + [0])
        client.close()
        server.serve(now: 0) { _ in Issue.record("nobody called") }
        #expect(server.deadline == nil)
    }

    @Test("A silent peer holds up nobody, and is dropped at its deadline")
    func silent() throws {
        let server = try PrekillServer(path) { _ in true }
        let silent = try UnixSocket.connect(to: path)
        server.serve(now: 0) { _ in }
        #expect(server.deadline == 5 * second)
        let other = try UnixSocket.connect(to: path)
        try send(notify, other)
        var calls = 0
        for _ in 0..<2 { server.serve(now: second) { _ in calls += 1 } }
        #expect(calls == 1)
        server.tick(now: 5 * second - 1)
        #expect(try read(silent) == [])
        server.tick(now: 5 * second)
        #expect(try read(silent) == nil)
        #expect(try read(other) != nil)
    }

    @Test("A stranger is turned away at once")
    func stranger() throws {
        let server = try PrekillServer(path) { _ in false }
        let client = try UnixSocket.connect(to: path)
        try send(notify, client)
        for _ in 0..<3 { server.serve(now: 0) { _ in Issue.record("a stranger was heard") } }
        // The unread call makes it a reset where it is not an end.
        #expect((try? read(client)) ?? nil == nil)
        #expect(server.deadline == nil)
    }

    @Test("Of too many connections the oldest goes")
    func many() throws {
        let server = try PrekillServer(path) { _ in true }
        let clients = try (0..<9).map { _ in
            let client = try UnixSocket.connect(to: path)
            server.serve(now: 0) { _ in }
            return client
        }
        #expect(try read(clients[0]) == nil)
        #expect(try clients[1...].allSatisfy { try read($0) == [] })
    }

    @Test("Only root may connect, the socket goes when the agent stops, and one that was left behind is replaced")
    func file() throws {
        let server = try PrekillServer(path) { _ in true }
        var status = stat()
        #expect(unsafe path.withPlatformString { unsafe stat($0, &status) } == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        server.close()
        #expect(!SmallFile.exists(path))
        try UnixSocket.listen(at: path).close()
        #expect(SmallFile.exists(path))
        #expect(try PrekillServer.listen(at: path) != nil)
    }

    @Test("Before systemd 260 there is no folder, and no hook")
    func noFolder() throws {
        #expect(try PrekillServer.listen(at: folder.path.appending("missing/ballast")) == nil)
    }

    @Test("Users are looked up in the file")
    func users() throws {
        try folder.write(
            "root:x:0:0:r:/:/bin/sh\nsystemd-oom:x:992:992::/:/x\nsystemd-oomd:x:5\nbad\nodd:x:y\n", to: "p")
        let file = folder.path.appending("p")
        #expect(PasswordFile.userID(of: "systemd-oom", in: file) == 992)
        #expect(PasswordFile.userID(of: "odd", in: file) == nil)
        #expect(PasswordFile.userID(of: "systemd", in: file) == nil)
        #expect(PasswordFile.userID(of: "x", in: folder.path.appending("none")) == nil)
    }
}
