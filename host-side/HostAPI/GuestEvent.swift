/// Something that an agent reports as it happens, told without the daemon.
public struct GuestEvent: Codable, Sendable, Equatable {
    /// When it was received.
    public var time: Timestamp
    /// What kind of event it is, such as `pressure-release`; new kinds may appear in any version.
    public var kind: String
    /// One sentence.
    public var message: String
    /// Why it happened, such as `memory-pressure`; nil where there is no more to say.
    public var reason: String?
    /// The memory concerned, in bytes; nil where there is none.
    public var bytes: UInt64?
    /// Time since the guest booted when it happened, in milliseconds.
    public var uptimeMilliseconds: UInt64

    /// Makes an event.
    public init(
        time: Timestamp, kind: String, message: String, reason: String? = nil, bytes: UInt64? = nil,
        uptimeMilliseconds: UInt64 = 0
    ) {
        self.time = time
        self.kind = kind
        self.message = message
        self.reason = reason
        self.bytes = bytes
        self.uptimeMilliseconds = uptimeMilliseconds
    }
}
