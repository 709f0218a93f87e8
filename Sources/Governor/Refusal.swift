public import Wire

/// Why the balloon may not grow now.
public struct Refusal: Sendable, Equatable {
    /// The reason as the host is told.
    public let reason: Reason
    /// One sentence with the numbers that led to it.
    public let detail: String
    /// Nanoseconds after which asking again makes sense; nil where only the guest's memory decides that.
    public let retryAfter: UInt64?

    /// A refusal.
    public init(reason: Reason, detail: String, retryAfter: UInt64?) {
        self.reason = reason
        self.detail = detail
        self.retryAfter = retryAfter
    }
}

/// The answer to one wish to inflate.
public enum Permission: Sendable, Equatable {
    /// So many bytes may be taken: a multiple of 2 MiB, no more than a chunk and no more than wanted.
    case allowed(bytes: UInt64)
    /// Nothing may be taken.
    case refused(Refusal)
}
