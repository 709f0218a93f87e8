/// Stands between a daemon and a VMM's monitor, and answers some commands itself: what a VMM seldom does (refuse to
/// continue, have a device passed through) then happens when a test wants it.
public final class MonitorRelay: Sendable {
    /// Answers a command, by its name and arguments, in the VMM's place: an object with `return` or `error`. Nil lets the
    /// VMM answer.
    public typealias Rule = @Sendable (_ command: String, _ arguments: JSON) -> JSON?

    /// Where the daemon connects.
    public let path: String
    private let state = Monitor(State())

    private struct State {
        var rule: Rule?
        var commands: [String] = []
        var isOver = false
    }

    /// Relays connections at `path` to the monitor at `upstream`, one after the other.
    public init(path: String, upstream: String) throws {
        self.path = path
        let listener = try UnixListener(path: path)
        let state = state
        startThread {
            while !state.with({ $0.isOver }) {
                guard let client = try? listener.accept(timeout: .seconds(1)) else { continue }
                guard let monitor = try? UnixStream(path: upstream, timeout: .seconds(10)) else { continue }
                startThread {
                    while let bytes = monitor.read() {
                        if (try? client.write(bytes, timeout: .seconds(30))) == nil { break }
                    }
                    client.shut()
                }
                Self.relay(client, to: monitor, state)
                monitor.shut()
            }
        }
    }

    deinit { close() }

    /// Takes no more connections.
    public func close() { state.with { $0.isOver = true } }

    /// From now on.
    public func answer(_ rule: Rule?) { state.with { $0.rule = rule } }

    /// The commands of that name so far.
    public func count(of command: String) -> Int { state.with { $0.commands.count { $0 == command } } }

    private static func relay(_ client: UnixStream, to monitor: UnixStream, _ state: Monitor<State>) {
        var buffer: [UInt8] = []
        while let bytes = client.read() {
            buffer += bytes
            while let end = buffer.firstIndex(of: 10) {
                let line = Array(buffer[...end])
                buffer.removeSubrange(...end)
                let message = (try? JSON(parsing: String(decoding: line, as: UTF8.self))) ?? .null
                let command = message["execute"].string ?? ""
                let rule = state.with { state in
                    state.commands.append(command)
                    return state.rule
                }
                if case .object(var answer)? = rule?(command, message["arguments"]) {
                    answer["id"] = message["id"]
                    let text = JSON.object(answer).text + "\n"
                    if (try? client.write(Array(text.utf8), timeout: .seconds(30))) == nil { return }
                } else if (try? monitor.write(line, timeout: .seconds(30))) == nil {
                    return
                }
            }
        }
    }
}
