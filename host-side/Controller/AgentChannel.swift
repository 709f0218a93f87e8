import NIOCore
import NIOPosix

/// A byte stream to an agent: the unix socket of the VMM's virtio-serial port.
///
/// Inbound bytes are read only as fast as they are taken. An agent that does not read is cut off once
/// ``outboundLimit`` bytes wait for it.
final class AgentChannel: Sendable {
    /// The most bytes that wait for the agent.
    static let outboundLimit = 4 << 20

    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private init(_ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>) { self.channel = channel }

    /// Connects to the unix socket at `path`.
    /// - Throws: NIO's error, such as "no such file" where the VM does not run.
    static func connect(path: String) async throws -> AgentChannel {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .channelOption(
                .writeBufferWaterMark, value: .init(low: outboundLimit / 2, high: outboundLimit)
            )
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return AgentChannel(channel)
    }

    /// Reads until the stream ends, handing the bytes on one piece at a time; returns when it has ended.
    func read(_ body: @Sendable ([UInt8]) async -> Void) async {
        try? await channel.executeThenClose { inbound, _ in
            for try await buffer in inbound { await body(Array(buffer.readableBytesView)) }
        }
    }

    /// Sends bytes; closes the stream where the agent takes none.
    func send(_ bytes: [UInt8]) {
        guard channel.channel.isWritable else {
            channel.channel.close(promise: nil)
            return
        }
        channel.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Ends the stream.
    func close() { channel.channel.close(promise: nil) }
}
