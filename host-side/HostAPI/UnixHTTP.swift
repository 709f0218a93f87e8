import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// One HTTP/1.1 request over a unix socket: connect, ask, read a bounded answer, close.
struct UnixHTTP: Sendable {
    /// An answer.
    struct Response: Sendable {
        var status: Int
        var body: [UInt8]
    }

    /// The largest answer that is read, in bytes.
    static let largestBody = 16 << 20

    var socketPath: String

    /// Sends a request and waits for its whole answer.
    func send(_ method: HTTPMethod, _ uri: String, body: [UInt8]?, timeout: Duration) async throws -> Response {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: Response.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(ResponseCollector(answer: answer))
                    }
                }
                .connect(unixDomainSocketPath: socketPath).get()
        } catch {
            answer.fail(error)
            throw explain(error)
        }
        let timer = loop.scheduleTask(in: TimeAmount(timeout)) {
            answer.fail(
                APIError(
                    code: .unreachable, message: "ballast-host did not answer on \(socketPath) within \(timeout)",
                    remedy: "it may be stopped or overloaded; look at its log"))
            channel.close(promise: nil)
        }
        defer {
            timer.cancel()
            channel.close(promise: nil)
        }
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: uri)
        head.headers.add(name: "Host", value: "ballast")
        head.headers.add(name: "Connection", value: "close")
        head.headers.add(name: "Content-Length", value: "\(body?.count ?? 0)")
        if body != nil { head.headers.add(name: "Content-Type", value: "application/json") }
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body { channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil) }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        return try await withTaskCancellationHandler {
            do {
                return try await answer.futureResult.get()
            } catch {
                try Task.checkCancellation()
                throw explain(error)
            }
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    /// Says what a failure means to whoever typed the path.
    private func explain(_ error: any Error) -> APIError {
        if let error = error as? APIError { return error }
        let remedy = "ballast-host does not run or --host-socket is wrong"
        switch error {
        case let error as IOError where error.errnoCode == ENOENT:
            return APIError(code: .unreachable, message: "there is no socket \(socketPath)", remedy: remedy)
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return APIError(code: .unreachable, message: "nobody listens on \(socketPath)", remedy: remedy)
        case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
            return APIError(
                code: .unreachable, message: "no permission to connect to \(socketPath)",
                remedy: "run this as root or as a member of the socket's group")
        case is SocketAddressError:
            return APIError(
                code: .badRequest, message: "\(socketPath) is no usable socket path",
                remedy: "the path of a unix socket has at most 107 bytes")
        default:
            return APIError(
                code: .unreachable, message: "talking to ballast-host on \(socketPath) failed: \(error)",
                remedy: remedy)
        }
    }
}

/// Gathers the parts of one response.
private final class ResponseCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let answer: EventLoopPromise<UnixHTTP.Response>
    private var status: Int?
    private var body: [UInt8] = []

    init(answer: EventLoopPromise<UnixHTTP.Response>) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
        case .body(let part):
            guard body.count + part.readableBytes <= UnixHTTP.largestBody else {
                answer.fail(APIError(code: .failed, message: "the answer of ballast-host exceeds 16 MiB"))
                context.close(promise: nil)
                return
            }
            body += part.readableBytesView
        case .end:
            if let status { answer.succeed(UnixHTTP.Response(status: status, body: body)) }
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A promise that is already kept ignores this.
        answer.fail(
            APIError(
                code: .unreachable, message: "ballast-host closed the connection without an answer",
                remedy: "it may have been stopped just now; look at its log"))
        context.fireChannelInactive()
    }
}
