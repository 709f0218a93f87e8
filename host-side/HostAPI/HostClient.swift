import NIOHTTP1

/// Client of ballast-host's API over its unix socket. Every failure is an ``APIError``.
public struct HostClient: Sendable {
    /// Path of the daemon's socket.
    public let socketPath: String
    /// How long an answer may take, beyond what a request itself asks to wait.
    public var timeout: Duration

    /// Makes a client; connects with the first request.
    public init(socketPath: String = APIRoute.defaultSocketPath, timeout: Duration = .seconds(20)) {
        self.socketPath = socketPath
        self.timeout = timeout
    }

    /// The daemon itself.
    public func status() async throws -> HostStatus {
        try await ask(.GET, APIRoute.status)
    }

    /// All VMs.
    public func vms() async throws -> [VMSummary] {
        let list: VMList = try await ask(.GET, APIRoute.vms)
        return list.vms
    }

    /// One VM.
    public func vm(_ name: String) async throws -> VMDetail {
        try await ask(.GET, APIRoute.vm(name))
    }

    /// Sets the target of a VM; does not wait for it to be reached.
    public func setTarget(_ name: String, _ target: TargetSize) async throws -> SetTargetResponse {
        try await ask(.PUT, APIRoute.target(name), body: SetTargetRequest(target: target))
    }

    /// Gives a VM everything back.
    public func release(_ name: String) async throws -> ReleaseResult {
        try await ask(.POST, APIRoute.release(name))
    }

    /// Gives every VM everything back.
    public func releaseAll() async throws -> ReleaseAllResponse {
        try await ask(.POST, APIRoute.releaseAll)
    }

    /// Switches the kill switch on.
    public func pause() async throws -> HostStatus {
        try await ask(.POST, APIRoute.pause)
    }

    /// Switches the kill switch off.
    public func resume() async throws -> HostStatus {
        try await ask(.POST, APIRoute.resume)
    }

    /// Events after `since`, or the newest; waits up to `waitSeconds` for the first one.
    public func events(since: UInt64? = nil, waitSeconds: Int = 0, limit: Int = 100) async throws -> EventPage {
        var query = "?limit=\(limit)"
        if let since { query += "&since=\(since)" }
        if waitSeconds > 0 { query += "&wait=\(waitSeconds)" }
        return try await ask(.GET, APIRoute.events + query, extra: .seconds(waitSeconds))
    }

    /// Asks a guest.
    public func guest(_ name: String, _ topic: GuestTopic) async throws -> GuestReport {
        try await ask(.GET, APIRoute.guest(name, topic))
    }

    /// Changes policies of a guest; returns those in force.
    public func setGuestPolicy(_ name: String, _ change: GuestPolicyChange) async throws -> GuestPolicy {
        try await ask(.PUT, APIRoute.guest(name, .policy), body: change)
    }

    private func ask<Answer: Decodable>(_ method: HTTPMethod, _ path: String, extra: Duration = .zero) async throws
        -> Answer
    {
        try await ask(method, path, bytes: nil, extra: extra)
    }

    private func ask<Answer: Decodable>(_ method: HTTPMethod, _ path: String, body: some Encodable) async throws
        -> Answer
    {
        try await ask(method, path, bytes: try APIJSON.encode(body), extra: .zero)
    }

    private func ask<Answer: Decodable>(
        _ method: HTTPMethod, _ path: String, bytes: [UInt8]?, extra: Duration
    ) async throws -> Answer {
        let response = try await UnixHTTP(socketPath: socketPath)
            .send(method, path, body: bytes, timeout: timeout + extra)
        guard (200..<300).contains(response.status) else {
            if let error = try? APIJSON.decode(APIError.self, from: response.body) { throw error }
            throw APIError(
                code: response.status == 404 ? .notFound : .failed,
                message: "\(socketPath) answered \(method.rawValue) \(path) with status \(response.status)",
                remedy: "is this the socket of a ballast-host of the same version?")
        }
        do {
            return try APIJSON.decode(Answer.self, from: response.body)
        } catch {
            throw APIError(
                code: .failed,
                message: "the answer of ballast-host is not understood: \(APIJSON.explain(error))",
                remedy: "use ballastctl and ballast-host of the same version")
        }
    }
}
