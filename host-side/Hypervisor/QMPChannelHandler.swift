import Logging
import NIOCore

/// The event loop's side of a connection: bytes to messages.
final class QMPChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: QMPConnection
    private let logger: Logger
    private var decoder = QMPDecoder()

    init(connection: QMPConnection, logger: Logger) {
        self.connection = connection
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for result in decoder.feed(unwrapInboundIn(data).readableBytesView) {
            switch result {
            case .failure(let fault):
                logger.warning(
                    "Dropped bytes from QEMU's monitor",
                    metadata: ["fault": "\(fault)", "total": "\(decoder.faults)"])
            case .success(let message):
                if let error = connection.take(message) {
                    connection.end(error)
                    context.close(promise: nil)
                    return
                }
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.end(QMPError(.closed, "QEMU closed its monitor socket: it ended or its monitor was taken away"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.end(QMPError(.closed, "the connection to QEMU's monitor broke: \(error)"))
        context.close(promise: nil)
    }
}
