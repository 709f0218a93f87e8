/// The kit's own QMP connection: small, forgiving, and apart from the one that Ballast is tested with.
public final class QMPSocket: Sendable {
    private struct State {
        var nextID: Int64 = 0
        var answers: [Int64: JSON] = [:]
        var events: [JSON] = []
        var greeted = false
        var ended = false
    }

    private let stream: UnixStream
    private let state: Monitor<State>

    /// Connects and negotiates. Blocks.
    public init(path: String, timeout: Duration = .seconds(120)) throws {
        let stream = try UnixStream(path: path, timeout: timeout)
        let state = Monitor(State())
        self.stream = stream
        self.state = state
        startThread {
            var buffer: [UInt8] = []
            while let bytes = stream.read() {
                buffer.append(contentsOf: bytes)
                while let end = buffer.firstIndex(of: 10) {
                    let line = String(decoding: buffer[..<end], as: UTF8.self)
                    buffer.removeSubrange(...end)
                    guard let message = try? JSON(parsing: line) else { continue }
                    state.with { state in
                        if message["QMP"] != .null {
                            state.greeted = true
                        } else if message["event"] != .null {
                            state.events.append(message)
                        } else if let id = message["id"].integer {
                            state.answers[id] = message
                        }
                    }
                }
            }
            state.with { $0.ended = true }
        }
        guard state.wait(timeout, { $0.greeted || $0.ended ? $0.greeted : nil }) == true else {
            stream.shut()
            throw KitError("\(path): no QMP greeting; QMP serves one client at a time")
        }
        _ = try call("qmp_capabilities", nil, timeout)
    }

    deinit { stream.shut() }

    /// Runs a command and returns what it returned. Throws QEMU's own description where it fails.
    @discardableResult
    public func execute(
        _ command: String, _ arguments: JSON? = nil, timeout: Duration = .seconds(180)
    ) async throws -> JSON {
        try await offThread { try self.call(command, arguments, timeout) }
    }

    /// Runs a command of the human monitor and returns its text.
    @discardableResult
    public func human(_ line: String) async throws -> String {
        try await execute("human-monitor-command", ["command-line": .string(line)]).string ?? ""
    }

    /// The events so far, oldest first.
    public var events: [JSON] { state.with { $0.events } }

    /// Waits for an event of that name among those after the first `count`; returns it.
    public func event(
        _ name: String, after count: Int = 0, timeout: Duration = .seconds(180)
    ) async throws -> JSON {
        let state = self.state
        return try await offThread {
            let found: JSON?? = state.wait(timeout) { state in
                if let event = state.events.dropFirst(count).first(where: { $0["event"].string == name }) {
                    return .some(event)
                }
                return state.ended ? .some(nil) : nil
            }
            guard case .some(.some(let event)) = found else { throw KitError("no event \(name) within \(timeout)") }
            return event
        }
    }

    private func call(_ command: String, _ arguments: JSON?, _ timeout: Duration) throws -> JSON {
        let id = state.with { state in
            state.nextID += 1
            return state.nextID
        }
        var request: [String: JSON] = ["execute": .string(command), "id": .integer(id)]
        request["arguments"] = arguments
        try stream.write(Array((JSON.object(request).text + "\n").utf8), timeout: timeout)
        let answer: JSON?? = state.wait(timeout) { state in
            if let answer = state.answers.removeValue(forKey: id) { return .some(answer) }
            return state.ended ? .some(nil) : nil
        }
        switch answer {
        case nil: throw KitError("QMP \(command): no answer within \(timeout)")
        case .some(nil): throw KitError("QMP \(command): QEMU closed the connection")
        case .some(.some(let answer)):
            if let description = answer["error"]["desc"].string { throw KitError("QMP \(command): \(description)") }
            return answer["return"]
        }
    }
}
