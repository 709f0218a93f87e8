/// What was wrong with bytes that were no frame.
public enum FrameFault: String, Sendable, Hashable, CaseIterable {
    /// Bytes between frames.
    case garbage
    /// Another protocol version.
    case badVersion = "bad-version"
    /// An unknown kind, a reserved byte that is not zero, session 0, or a payload where none belongs.
    case badHeader = "bad-header"
    /// A length above ``Frame/maximumPayload``.
    case tooLong = "too-long"
    /// The checksum does not match.
    case badChecksum = "bad-checksum"
    /// A frame began and did not end before its deadline.
    case timedOut = "frame-timed-out"
}
