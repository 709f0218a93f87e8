/// The VMM of a VM, as seen over its QMP socket.
public struct QMPStatus: Codable, Sendable, Equatable {
    /// Whether QMP answers now.
    public var connected: Bool
    /// Version of the VMM, such as `7.2.19`.
    public var version: String?
    /// Process id of the VMM.
    public var pid: Int32?
    /// Run state by `query-status`, such as `running`.
    public var runState: String?
    /// Why QMP does not answer, where it is known.
    public var problem: String?

    /// Makes a status.
    public init(
        connected: Bool = false, version: String? = nil, pid: Int32? = nil, runState: String? = nil,
        problem: String? = nil
    ) {
        self.connected = connected
        self.version = version
        self.pid = pid
        self.runState = runState
        self.problem = problem
    }
}
