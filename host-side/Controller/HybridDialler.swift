import HostAPI
import NIOCore

/// Asks a hybrid vsock for a port of the guest before anything else is sent, and passes on what follows its answer.
final class HybridDialler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Kept once the guest is connected.
    let connected: EventLoopPromise<Void>
    private let port: UInt32
    private var handshake: HybridHandshake
    private var isDone = false
    private var timeout: Scheduled<Void>?

    init(port: UInt32, _ loop: any EventLoop) {
        self.port = port
        handshake = HybridHandshake(port: port)
        connected = loop.makePromise()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard !isDone else { return context.fireChannelRead(data) }
        switch handshake.receive(bytes.readableBytesView) {
        case .incomplete: break
        case .connected(let rest):
            finish(.success(()))
            if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: rest))) }
        case .refused(let why):
            finish(.failure(AgentDialError(why)))
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A channel that could not be connected is closed without becoming active or inactive.
        finish(.failure(ChannelError.ioOnClosedChannel))
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(AgentDialError("nobody listens on the guest's vsock port \(port)")))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(error))
        context.fireErrorCaught(error)
    }

    private func begin(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: handshake.request)), promise: nil)
        let channel = context.channel
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(5)) { [self] in
            finish(.failure(AgentDialError("the hybrid vsock does not answer")))
            channel.close(promise: nil)
        }
    }

    private func finish(_ result: Result<Void, any Error>) {
        guard !isDone else { return }
        isDone = true
        timeout?.cancel()
        connected.completeWith(result)
    }
}
