/// The kit's way into a guest: scripts to, and output from, `guest-tool testd`.
final class TestChannel: Sendable {
    struct Answer: Sendable {
        var exitCode: Int32
        var output: [UInt8]
    }

    private struct State {
        var nextID: UInt64 = 0
        var expected: Set<UInt64> = []
        var answers: [UInt64: Answer] = [:]
        /// How often a testd has said hello: once for each boot.
        var boots = 0
        var ended = false
    }

    private let stream: UnixStream
    private let state: Monitor<State>
    private let turn = Monitor(())

    init(path: String) throws {
        let stream = try UnixStream(path: path, timeout: .seconds(30))
        let state = Monitor(State())
        self.stream = stream
        self.state = state
        startThread {
            var buffer: [UInt8] = []
            while let bytes = stream.read() {
                buffer.append(contentsOf: bytes)
                Self.parse(&buffer, state)
            }
            state.with { $0.ended = true }
        }
    }

    func close() { stream.shut() }

    var boots: Int { state.with { $0.boots } }

    /// Blocks until testd has said hello more than `count` times; false at the timeout or when QEMU is gone.
    func waitForBoot(after count: Int, _ timeout: Duration) -> Bool {
        state.wait(timeout) { $0.boots > count ? true : $0.ended ? false : nil } ?? false
    }

    /// Sends a script and returns the request's number. Blocks while the guest does not read.
    func request(_ script: String, timeout: Duration) throws -> UInt64 {
        let id = state.with { state in
            state.nextID += 1
            state.expected.insert(state.nextID)
            return state.nextID
        }
        let body = Array(script.utf8)
        // One request at a time goes out: their bytes must not mix.
        try turn.with { _ in
            try stream.write(Array("RUN \(id) \(body.count)\n".utf8) + body, timeout: timeout)
        }
        return id
    }

    /// Blocks until the script has ended; nil at the timeout or when QEMU is gone.
    func answer(to id: UInt64, timeout: Duration) -> Answer? {
        let answer: Answer?? = state.wait(timeout) { state in
            if let answer = state.answers.removeValue(forKey: id) {
                state.expected.remove(id)
                return .some(answer)
            }
            return state.ended ? .some(nil) : nil
        }
        return answer ?? nil
    }

    /// An answer that comes after all is dropped.
    func forget(_ id: UInt64) { state.with { _ = $0.expected.remove(id) } }

    /// Takes whole lines and answers out of the buffer. Lines that nobody understands are passed over: after a reset
    /// the end of an answer may be missing.
    private static func parse(_ buffer: inout [UInt8], _ state: Monitor<State>) {
        while let end = buffer.firstIndex(of: 10) {
            let words = String(decoding: buffer[..<end], as: UTF8.self).split(separator: " ")
            if words.count == 4, words[0] == "DONE", let id = UInt64(words[1]), let code = Int32(words[2]),
                let length = Int(words[3]), length >= 0
            {
                guard buffer.count - end - 1 >= length else { return }
                let output = Array(buffer[(end + 1)..<(end + 1 + length)])
                buffer.removeSubrange(...(end + length))
                state.with { state in
                    if state.expected.contains(id) { state.answers[id] = Answer(exitCode: code, output: output) }
                }
            } else {
                buffer.removeSubrange(...end)
                if words.first == "BOOT" { state.with { $0.boots += 1 } }
            }
        }
    }
}
