/// What `query-migrate` and `query-migrate-capabilities` tell.
public struct MigrationState: Sendable, Equatable {
    /// QEMU's word (`active`, `completed`, ...), nil where none was ever started.
    public let status: String?
    /// The capabilities that are switched on.
    public let capabilities: Set<String>

    /// A state with its parts.
    public init(status: String?, capabilities: Set<String>) {
        self.status = status
        self.capabilities = capabilities
    }

    init(migrate: JSONValue, capabilities: JSONValue) throws(QMPError) {
        guard migrate.objectValue != nil else { throw .unexpected("query-migrate", migrate) }
        guard let list = capabilities.arrayValue else {
            throw .unexpected("query-migrate-capabilities", capabilities)
        }
        status = migrate["status"]?.stringValue
        self.capabilities = Set(
            list.filter { $0["state"]?.boolValue == true }.compactMap { $0["capability"]?.stringValue })
    }

    /// Whether a migration is under way. Words that are unknown here count as under way.
    public var isActive: Bool {
        switch status {
        case nil, "none", "completed", "failed", "cancelled": false
        default: true
        }
    }

    /// Whether the VM may be switched to postcopy.
    public var postcopy: Bool { capabilities.contains("postcopy-ram") }
    /// Whether a snapshot of running memory may be taken.
    public var backgroundSnapshot: Bool { capabilities.contains("background-snapshot") }
    /// Whether QEMU sends MIGRATION events.
    public var events: Bool { capabilities.contains("events") }
}
