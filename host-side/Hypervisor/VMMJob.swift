/// One job of the virtual machine monitor.
public struct VMMJob: Sendable, Equatable {
    /// Its id.
    public let id: String
    /// QEMU's word for its kind, such as `snapshot-save` or `backup`.
    public let type: String
    /// QEMU's word for its status, such as `running` or `concluded`.
    public let status: String

    /// A job with its parts.
    public init(id: String, type: String, status: String) {
        self.id = id
        self.type = type
        self.status = status
    }

    /// Whether it reads or writes guest memory now: a VM snapshot being saved, loaded or deleted. Block jobs do not.
    public var touchesMemory: Bool {
        type.hasPrefix("snapshot-") && status != "concluded" && status != "null"
    }
}
