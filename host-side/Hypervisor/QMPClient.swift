import FoundationEssentials
import Glibc
public import Logging
import NIOCore
public import NIOPosix

/// A client of one QMP socket. Commands carry ids and may be pipelined from any number of tasks.
public final class QMPClient: Sendable {
    /// One command with its arguments.
    public struct Command: Sendable, Equatable {
        /// QMP's name of the command.
        public let name: String
        /// Its arguments, an object, or nil for none.
        public let arguments: JSONValue?

        /// A command.
        public init(_ name: String, _ arguments: JSONValue? = nil) {
            self.name = name
            self.arguments = arguments
        }
    }

    /// The socket's path.
    public let path: String
    /// What QEMU said of itself on connecting.
    public let greeting: QMPGreeting
    /// Who listens on the socket.
    public let peer: PeerCredentials
    /// How long a command may take where the caller does not say.
    public let defaultTimeout: Duration

    private let channel: any Channel
    private let connection: QMPConnection

    /// The events in the order of the wire, for one reader; ends when the connection does. A reader that falls 4,096
    /// events behind ends the connection, so that no event is missed unnoticed.
    public var events: AsyncStream<QMPEvent> { connection.events }

    /// Why the connection ended, nil while it lives.
    public var closedReason: QMPError? { connection.closedReason }

    private init(
        path: String, greeting: QMPGreeting, peer: PeerCredentials, defaultTimeout: Duration, channel: any Channel,
        connection: QMPConnection
    ) {
        self.path = path
        self.greeting = greeting
        self.peer = peer
        self.defaultTimeout = defaultTimeout
        self.channel = channel
        self.connection = connection
    }

    deinit {
        channel.close(promise: nil)
    }

    /// Connects, takes the greeting and leaves QMP's negotiation mode.
    ///
    /// - Parameters:
    ///   - path: the unix socket.
    ///   - timeout: for connecting and for the greeting, each.
    ///   - commandTimeout: for commands whose caller gives none.
    ///   - group: the threads to run on.
    ///   - logger: where oddities go.
    ///   - onEvent: called on the event loop for each event, before any later message is looked at: an answer that
    ///     follows a STOP on the wire reaches its caller after `onEvent` returned. Must be quick.
    public static func connect(
        path: String, timeout: Duration = .seconds(5), commandTimeout: Duration = .seconds(10),
        group: MultiThreadedEventLoopGroup = .singleton, logger: Logger = Logger(label: "ballast.qmp"),
        onEvent: (@Sendable (QMPEvent) -> Void)? = nil
    ) async throws(QMPError) -> QMPClient {
        let connection = QMPConnection(
            greeting: group.next().makePromise(of: QMPGreeting.self), eventCapacity: 4_096, observer: onEvent,
            logger: logger)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: group)
                .connectTimeout(TimeAmount(timeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            QMPChannelHandler(connection: connection, logger: logger))
                    }
                }
                .connect(unixDomainSocketPath: path).get()
        } catch {
            let mapped = connectionError(error, path: path)
            connection.end(mapped)
            throw mapped
        }
        do {
            let timer = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { connection.end(.busy(path: path)) }
            let greeting = try await connection.greeting.futureResult.get()
            timer.cancel()
            let client = QMPClient(
                path: path, greeting: greeting, peer: try await credentials(of: channel),
                defaultTimeout: commandTimeout, channel: channel, connection: connection)
            _ = try await client.execute("qmp_capabilities")
            return client
        } catch {
            channel.close(promise: nil)
            throw error as? QMPError ?? QMPError(.connectionFailed, "\(path): \(error)")
        }
    }

    /// Runs one command and returns what it returned.
    public func execute(
        _ command: String, _ arguments: JSONValue? = nil, timeout: Duration? = nil
    ) async throws(QMPError) -> JSONValue {
        let results = await execute([Command(command, arguments)], timeout: timeout)
        guard let result = results.first else { throw QMPError(.closed, command: command, "no result") }
        return try result.get()
    }

    /// Sends the commands in one write and returns their results in the same order. QEMU runs them one after the
    /// other.
    public func execute(_ commands: [Command], timeout: Duration? = nil) async -> [Result<JSONValue, QMPError>] {
        var buffer = channel.allocator.buffer(capacity: 256)
        var flights: [Result<(id: UInt64, future: EventLoopFuture<JSONValue>), QMPError>] = []
        for command in commands {
            let flight = connection.register(command.name, on: channel, timeout: timeout ?? defaultTimeout)
            if case .success(let flight) = flight {
                do {
                    buffer.writeBytes(try Self.encode(command, id: flight.id))
                    buffer.writeInteger(UInt8(ascii: "\n"))
                } catch {
                    connection.fail(
                        flight.id,
                        QMPError(.unexpectedAnswer, command: command.name, "cannot encode the arguments: \(error)"))
                }
            }
            flights.append(flight)
        }
        channel.writeAndFlush(buffer, promise: nil)
        let ids = zip(commands, flights).compactMap { command, flight in
            (try? flight.get().id).map { ($0, command.name) }
        }
        let connection = connection
        return await withTaskCancellationHandler {
            var results: [Result<JSONValue, QMPError>] = []
            for flight in flights {
                switch flight {
                case .failure(let error): results.append(.failure(error))
                case .success(let flight):
                    do {
                        results.append(.success(try await flight.future.get()))
                    } catch {
                        results.append(.failure(error as? QMPError ?? QMPError(.closed, "\(error)")))
                    }
                }
            }
            return results
        } onCancel: {
            for (id, name) in ids {
                connection.fail(id, QMPError(.cancelled, command: name, "\(name) was given up by its caller"))
            }
        }
    }

    /// Closes the connection; whatever is in flight fails.
    public func close() async {
        connection.end(QMPError(.closed, "Ballast closed the connection"))
        try? await channel.close().get()
    }

    private static func encode(_ command: Command, id: UInt64) throws -> Data {
        var message: [String: JSONValue] = ["execute": .string(command.name), "id": .uint(id)]
        if let arguments = command.arguments { message["arguments"] = arguments }
        return try JSONEncoder().encode(JSONValue.object(message))
    }

    private static func credentials(of channel: any Channel) async throws -> PeerCredentials {
        guard let provider = channel as? any SocketOptionProvider else {
            throw QMPError(.connectionFailed, "the channel has no socket options")
        }
        // struct ucred: pid, uid, gid.
        let value: (Int32, UInt32, UInt32) = try await provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).get()
        return PeerCredentials(processID: value.0, userID: value.1, groupID: value.2)
    }

    private static func connectionError(_ error: any Error, path: String) -> QMPError {
        let number = (error as? IOError)?.errnoCode
        if number == EAGAIN { return .busy(path: path) }
        let remedy =
            switch number {
            case ENOENT: "no such socket: is the VM running, with -qmp unix:\(path),server=on,wait=off?"
            case ECONNREFUSED: "nobody listens: the VM has ended"
            case EACCES, EPERM: "permission denied: the daemon's user must be able to write to this socket"
            default: "\(error)"
            }
        return QMPError(.connectionFailed, "cannot connect to \(path): \(remedy)")
    }
}
