/// One event of the virtual machine monitor, such as STOP or BALLOON_CHANGE.
public struct QMPEvent: Sendable, Equatable {
    /// QEMU's name of the event, in capitals.
    public let name: String
    /// What belongs to it, `null` where it carries nothing.
    public let data: JSONValue
    /// QEMU's wall clock, whole seconds since 1970; -1 where its clock failed.
    public let seconds: Int64
    /// Microseconds within the second.
    public let microseconds: Int64

    /// An event with its parts.
    public init(name: String, data: JSONValue, seconds: Int64, microseconds: Int64) {
        self.name = name
        self.data = data
        self.seconds = seconds
        self.microseconds = microseconds
    }
}
