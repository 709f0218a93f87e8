public import Linux

/// The agent's log: the journal, or standard error.
public struct AgentLog: Sendable {
    /// Lines less urgent than this are left out.
    public let threshold: Journal.Priority

    /// A log that shows `threshold` and everything more urgent.
    public init(threshold: Journal.Priority) { self.threshold = threshold }

    func error(_ message: @autoclosure () -> String) { write(.error, message) }
    func warning(_ message: @autoclosure () -> String) { write(.warning, message) }
    func notice(_ message: @autoclosure () -> String) { write(.notice, message) }
    func info(_ message: @autoclosure () -> String) { write(.info, message) }

    private func write(_ priority: Journal.Priority, _ message: () -> String) {
        if priority.rawValue <= threshold.rawValue { Journal.send(priority, message()) }
    }
}
