import Controller
import HostAPI
import Hummingbird
import NIOCore
import ServiceLifecycle

/// The routes of the API, each one call of the ``HostService``.
enum Routes {
    /// A router over the service.
    static func router(for service: some HostService) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: ErrorsAsJSON())
        router.get("/v1/status") { _, _ in try json(await service.status()) }
        router.get("/v1/vms") { _, _ in try json(VMList(vms: await service.vms())) }
        router.get("/v1/vms/:name") { _, context in try json(await service.vm(named: name(context))) }
        router.put("/v1/vms/:name/target") { request, context in
            let body = try await decode(SetTargetRequest.self, request)
            return try json(await service.setTarget(body.target, ofVM: name(context)))
        }
        router.post("/v1/vms/:name/release") { _, context in try json(await service.release(vm: name(context))) }
        router.post("/v1/release") { _, _ in try json(await service.releaseAll()) }
        router.post("/v1/pause") { _, _ in try json(await service.pause()) }
        router.post("/v1/resume") { _, _ in try json(await service.resume()) }
        router.get("/v1/events") { request, _ in
            let since = try number(UInt64.self, "since", request)
            let limit = try number(Int.self, "limit", request) ?? 100
            let wait = try number(Int.self, "wait", request) ?? 0
            guard (1...APIRoute.mostEvents).contains(limit), (0...APIRoute.longestWaitSeconds).contains(wait) else {
                throw APIError(
                    code: .badRequest,
                    message: "limit is 1 ... \(APIRoute.mostEvents), wait is 0 ... \(APIRoute.longestWaitSeconds) s")
            }
            // A daemon that stops does not wait for those who wait.
            let page = try await cancelWhenGracefulShutdown {
                try await service.events(since: since, wait: .seconds(wait), limit: limit)
            }
            return try json(page)
        }
        router.get("/v1/vms/:name/guest/:topic") { _, context in
            let text = try context.parameters.require("topic")
            guard let topic = GuestTopic(rawValue: text) else {
                let known = GuestTopic.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError(code: .notFound, message: "there is no topic \"\(text)\"", remedy: "ask for \(known)")
            }
            return try json(await service.guestReport(ofVM: name(context), topic: topic))
        }
        router.put("/v1/vms/:name/guest/:topic") { request, context in
            let topic = try context.parameters.require("topic")
            guard topic == GuestTopic.policy.rawValue else {
                throw APIError(code: .notFound, message: "\"\(topic)\" cannot be changed", remedy: "only policy can")
            }
            let change = try await decode(GuestPolicyChange.self, request)
            if let problem = change.problem { throw APIError(code: .badRequest, message: problem) }
            guard !change.isEmpty else {
                throw APIError(
                    code: .badRequest, message: "nothing to change",
                    remedy: "give stats_period_milliseconds or adaptive, deflate_on_oom or on_controller_loss")
            }
            return try json(await service.setGuestPolicy(change, ofVM: name(context)))
        }
        return router
    }

    /// A JSON response.
    static func json(_ value: some Encodable, status: Int = 200) throws -> Response {
        var bytes = try APIJSON.encode(value)
        bytes.append(10)
        return Response(
            status: .init(code: status), headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func name(_ context: BasicRequestContext) throws -> String {
        let segment = try context.parameters.require("name")
        guard let name = APIRoute.unescape(segment) else {
            throw APIError(code: .badRequest, message: "\"\(segment)\" is no percent-encoded name")
        }
        return name
    }

    private static func number<Value: FixedWidthInteger & Sendable>(
        _ type: Value.Type, _ key: Substring, _ request: Request
    ) throws -> Value? {
        guard let text = request.uri.queryParameters[key] else { return nil }
        guard let value = Value(text) else {
            throw APIError(code: .badRequest, message: "\(key) is a whole number, not \"\(text)\"")
        }
        return value
    }

    private static func decode<Body: Decodable>(_ type: Body.Type, _ request: Request) async throws -> Body {
        let buffer = try await request.body.collect(upTo: APIRoute.largestRequestBytes)
        do {
            return try APIJSON.decode(type, from: Array(buffer.readableBytesView))
        } catch {
            throw APIError(
                code: .badRequest, message: "the body is not as expected: \(APIJSON.explain(error))",
                remedy: "docs/host-api.md shows the body of each request")
        }
    }
}

/// Turns every failure into the API's error object.
struct ErrorsAsJSON<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as APIError {
            return try Routes.json(error, status: error.code.httpStatus)
        } catch let error as HTTPError {
            let code: APIError.Code = error.status.code == 404 ? .notFound : .badRequest
            let message = error.body ?? "there is no \(request.method.rawValue) \(request.uri.path)"
            return try Routes.json(
                APIError(code: code, message: message, remedy: "docs/host-api.md lists the routes"),
                status: error.status.code)
        } catch is NIOTooManyBytesError {
            let limit = APIRoute.largestRequestBytes
            return try Routes.json(
                APIError(code: .badRequest, message: "the body has more than \(limit) bytes"), status: 413)
        } catch {
            return try Routes.json(APIError(code: .failed, message: "\(error)"), status: 500)
        }
    }
}
