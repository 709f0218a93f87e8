import HostAPI
import Linux
import NIOCore
import NIOPosix
import SystemPackage

/// A byte stream to an agent: the unix socket of the VMM's virtio-serial port, vsock, or a hybrid vsock.
///
/// Inbound bytes are read only as fast as they are taken. An agent that does not read is cut off once
/// ``outboundLimit`` bytes wait for it.
final class AgentChannel: Sendable {
    /// The most bytes that wait for the agent.
    static let outboundLimit = 4 << 20
    /// How long dialling may take.
    static let patience = Duration.seconds(5)

    private typealias Stream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let channel: Stream

    private init(_ channel: Stream) { self.channel = channel }

    /// Connects to an agent. No thread waits meanwhile.
    /// - Throws: NIO's error, such as "no such file" where the VM does not run, or ``AgentDialError``.
    static func connect(to address: AgentAddress) async throws -> AgentChannel {
        switch address {
        case .serial(let path): try await connect(path: path)
        case .hybrid(let path, let port): try await connect(hybrid: path, port: port)
        case .vsock(let cid?, let port): try await connect(vsock: Linux.VsockAddress(cid: cid, port: port))
        case .vsock(nil, _):
            throw AgentDialError("the VMM does not tell the guest's CID; name it: agent = \"vsock:CID\"")
        }
    }

    private static func connect(path: String) async throws -> AgentChannel {
        AgentChannel(
            try await bootstrap.connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try Stream(wrappingChannelSynchronously: channel) }
            })
    }

    private static func connect(hybrid path: String, port: UInt32) async throws -> AgentChannel {
        let (stream, connected) = try await bootstrap.connect(unixDomainSocketPath: path) { channel in
            channel.eventLoop.makeCompletedFuture {
                let dialler = HybridDialler(port: port, channel.eventLoop)
                try channel.pipeline.syncOperations.addHandler(dialler)
                return (try Stream(wrappingChannelSynchronously: channel), dialler.connected.futureResult)
            }
        }
        do {
            try await connected.get()
        } catch {
            // Nobody has taken it over, and an async channel wants to be closed by its owner.
            try? await stream.executeThenClose { _, _ in }
            throw error
        }
        return AgentChannel(stream)
    }

    private static func connect(vsock address: Linux.VsockAddress) async throws -> AgentChannel {
        // Where this process may have no port below 1024 the guest decides, and says why not.
        let socket = try VsockSocket.connect(to: address)
        let deadline = ContinuousClock.now + patience
        var pause = Duration.milliseconds(1)
        while try !VsockSocket.isConnected(socket.descriptor, to: address) {
            guard ContinuousClock.now < deadline else {
                throw AgentDialError("\(address) does not answer; is that guest running?")
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(100))
        }
        let number = socket.release().rawValue
        return AgentChannel(
            try await bootstrap.withConnectedSocket(number) { channel in
                channel.eventLoop.makeCompletedFuture { try Stream(wrappingChannelSynchronously: channel) }
            })
    }

    private static var bootstrap: ClientBootstrap {
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .channelOption(.writeBufferWaterMark, value: .init(low: outboundLimit / 2, high: outboundLimit))
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
