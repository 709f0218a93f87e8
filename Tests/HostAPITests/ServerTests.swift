import Controller
import HostAPI
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ballast_host

#if canImport(Glibc)
    import Glibc
#endif

@Suite("The client against the real server", .timeLimit(.minutes(5)))
struct ServerTests {
    @Test("Every route reaches the service and its answer comes back")
    func routes() async throws {
        try await withServer { client, service in
            #expect(try await client.status() == Sample.status)
            #expect(try await client.vms() == [VMSummary(Sample.detail)])
            #expect(try await client.vm("web1") == Sample.detail)
            #expect(try await client.setTarget("web1", .percent(50)).targetBytes == 1 << 30)
            #expect(try await client.release("web1").releasedBytes == 3)
            #expect(try await client.releaseAll().results.map(\.vm) == ["web1"])
            #expect(try await client.pause() == Sample.status)
            #expect(try await client.resume() == Sample.status)
            for topic in GuestTopic.allCases {
                #expect(try await client.guest("web1", topic).uptimeMilliseconds == 5)
            }
            let change = GuestPolicyChange(
                adaptive: true, deflateOnOom: .off, onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 60_000)
            #expect(try await client.setGuestPolicy("web1", change) == change.expected)
            let page = try await client.events(since: 3, waitSeconds: 0, limit: 7)
            #expect(page.events == [Sample.event])
            #expect(
                service.calls.withLock { $0 } == [
                    "status", "vms", "vm web1", "target web1 percent(50.0)", "release web1", "release all", "pause",
                    "resume", "guest web1 memory", "guest web1 balloon", "guest web1 pressure", "guest web1 policy",
                    "guest web1 prices", "guest web1 working-set", "guest web1 top", "guest web1 sensors",
                    "guest web1 all", "policy web1", "events Optional(3) 0.0 seconds 7",
                ])
        }
    }

    @Test("Failures come back as they were thrown, with the status of their code")
    func failures() async throws {
        try await withServer { client, _ in
            for code in APIError.Code.allCases {
                let expected = APIError(code: code, message: "no", remedy: "none")
                await #expect(throws: expected) { try await client.vm("error-\(code.rawValue)") }
            }
            let unexpected = await #expect(throws: APIError.self) { try await client.vm("surprise") }
            #expect(unexpected?.code == .failed)
            let odd = await #expect(throws: APIError.self) { try await client.vm("a name/../with?odd#parts%") }
            #expect(odd?.code == .notFound)
            #expect(odd?.message == "no a name/../with?odd#parts%")
        }
    }

    @Test("Wrong requests are refused with a word on what is expected")
    func wrongRequests() async throws {
        try await withServer { client, service in
            let empty = await #expect(throws: APIError.self) { try await client.setGuestPolicy("web1", .init()) }
            #expect(empty?.code == .badRequest)
            let period = await #expect(throws: APIError.self) {
                try await client.setGuestPolicy("web1", .init(statsPeriodMilliseconds: 5))
            }
            #expect(period?.message.contains("100 ms") == true)
            let loss = await #expect(throws: APIError.self) {
                try await client.setGuestPolicy("web1", .init(onControllerLoss: .releaseAfter))
            }
            #expect(loss?.code == .badRequest)
            let limit = await #expect(throws: APIError.self) { try await client.events(limit: 0) }
            #expect(limit?.code == .badRequest)
            for (request, status) in [
                ("GET /v1/nothing HTTP/1.1", "404"), ("DELETE /v1/vms HTTP/1.1", "404"),
                ("GET /v1/events?since=x HTTP/1.1", "400"), ("GET /v1/vms/web1/guest/secrets HTTP/1.1", "404"),
                ("PUT /v1/vms/web1/target HTTP/1.1", "400"), ("GET /v1/vms/%zz HTTP/1.1", "400"),
                ("PUT /v1/vms/web1/guest/memory HTTP/1.1", "404"),
            ] {
                let answer = try RawHTTP.ask(client.socketPath, request + "\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(request): \(answer)")
                #expect(answer.contains("\"message\""), "\(request): \(answer)")
            }
            let large = String(repeating: "x", count: 70_000)
            let answer = try RawHTTP.ask(
                client.socketPath,
                "PUT /v1/vms/web1/target HTTP/1.1\r\nHost: x\r\nContent-Length: \(large.count)\r\n\r\n\(large)")
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            #expect(service.calls.withLock { $0 } == [])
        }
    }

    @Test("A missing socket, a dead one and a silent one are told apart, each with a remedy")
    func noServer() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/host.sock"
        let missing = await #expect(throws: APIError.self) { try await HostClient(socketPath: path).status() }
        #expect(missing?.code == .unreachable)
        #expect(missing?.remedy == "ballast-host does not run or --host-socket is wrong")
        let listener = try RawHTTP.listen(path)
        let silent = await #expect(throws: APIError.self) {
            try await HostClient(socketPath: path, timeout: .milliseconds(200)).status()
        }
        #expect(silent?.message.contains("did not answer") == true)
        close(listener)
        let dead = await #expect(throws: APIError.self) { try await HostClient(socketPath: path).status() }
        #expect(dead?.message.contains("nobody listens") == true)
        let long = await #expect(throws: APIError.self) {
            try await HostClient(socketPath: "/" + String(repeating: "x", count: 200)).status()
        }
        #expect(long?.code == .badRequest)
    }

    @Test("A client that is cancelled stops waiting")
    func cancellation() async throws {
        let directory = try TemporaryDirectory()
        let listener = try RawHTTP.listen(directory.path + "/host.sock")
        defer { close(listener) }
        let client = HostClient(socketPath: directory.path + "/host.sock", timeout: .seconds(50))
        let task = Task { try await client.status() }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("A socket that nobody answers is cleared away, one that is answered is not")
    func sockets() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/host.sock"
        let listener = try RawHTTP.listen(path)
        #expect(throws: APIError.self) { try APISocket.prepare(path) }
        #expect(access(path, F_OK) == 0)
        close(listener)
        try APISocket.prepare(path)
        #expect(access(path, F_OK) != 0)
        try directory.write("host.sock", "precious")
        #expect(throws: APIError.self) { try APISocket.prepare(path) }
        #expect(access(path, F_OK) == 0)
    }

    @Test("The socket has the permissions of the policy")
    func permissions() async throws {
        try await withServer(mode: 0o660) { client, _ in
            var status = stat()
            #expect(stat(client.socketPath, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
        }
    }

    private func withServer(
        mode: UInt32 = 0o600, _ body: @Sendable @escaping (HostClient, FakeService) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let service = FakeService()
        var policy = HostPolicy()
        policy.socketPath = directory.path + "/host.sock"
        policy.socketMode = mode
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let api = Daemon.api(service, policy: policy, logger: logger)
        let client = HostClient(socketPath: policy.socketPath, timeout: .seconds(60))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await api.run() }
            group.addTask {
                var status = stat()
                while stat(client.socketPath, &status) != 0 || status.st_mode & 0o777 != mode {
                    try await Task.sleep(for: .milliseconds(5))
                }
                try await body(client, service)
            }
            try await group.next()
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }
}
