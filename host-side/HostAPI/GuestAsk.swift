/// Memory that a guest asks for beyond its target.
public struct GuestAsk: Codable, Sendable, Equatable {
    /// How much more than its target gives, in bytes.
    public var bytes: UInt64
    /// Why.
    public var reason: Explanation?
    /// Whether the guest is in distress.
    public var urgent: Bool
    /// When it was received, or last renewed.
    public var time: Timestamp
    /// Until when it stands unless it is renewed or withdrawn.
    public var expires: Timestamp

    /// Makes an ask.
    public init(bytes: UInt64, reason: Explanation? = nil, urgent: Bool, time: Timestamp, expires: Timestamp) {
        self.bytes = bytes
        self.reason = reason
        self.urgent = urgent
        self.time = time
        self.expires = expires
    }
}
