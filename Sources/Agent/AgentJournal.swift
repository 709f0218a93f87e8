import Linux
public import Wire

/// Writes the events that matter to the journal, and remembers the last for the status file.
public struct AgentJournal: Sendable {
    private let log: AgentLog
    private let send: @Sendable (JournalEvent) -> Void
    /// The last events that the host was told, oldest first, at most ``StatusFile/shownEvents``.
    public private(set) var recent: [Event] = []

    /// A journal that leaves out what is less urgent than the log's threshold.
    public init(log: AgentLog) {
        self.init(log: log) { event in
            Journal.send(event.kind.priority, event.message, fields: event.allFields)
        }
    }

    init(log: AgentLog, send: @escaping @Sendable (JournalEvent) -> Void) {
        self.log = log
        self.send = send
    }

    /// Writes an entry.
    public func record(_ event: JournalEvent) {
        if event.kind.priority <= log.threshold { send(event) }
    }

    /// Writes an event as the host is told it, and remembers it.
    /// - Parameters:
    ///   - event: what the host is told.
    ///   - cgroup: whom it is about, where it is a cgroup.
    ///   - peer: what the controller or administrator called itself, where it is somebody's doing.
    public mutating func record(_ event: Event, cgroup: String? = nil, peer: String? = nil) {
        if recent.count == StatusFile.shownEvents { recent.removeFirst() }
        recent.append(event)
        if let entry = JournalEvent(event, cgroup: cgroup, peer: peer) { record(entry) }
    }
}
