/// Whether a guest's administrator forbids its balloon to grow: `ballastctl guest hold`.
public struct GuestHold: Codable, Sendable, Equatable {
    /// Stands for a hold until further notice, in milliseconds.
    public static let forever = UInt64.max

    /// Whether growing is forbidden.
    public var held: Bool
    /// For how much longer, in milliseconds; nil where it is not, or until further notice.
    public var remainingMilliseconds: UInt64?

    /// Makes it of the remaining time in milliseconds: 0 where growing is allowed, ``forever`` until further notice.
    public init(remaining: UInt64) {
        held = remaining > 0
        remainingMilliseconds = remaining == 0 || remaining == Self.forever ? nil : remaining
    }
}
