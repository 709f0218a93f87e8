/// The first page of an offer that did not carry its stamp. It names a place and never contents, so it can be logged.
public struct StampFault: Hashable, Sendable, CustomStringConvertible {
    /// Guest frame number of the page.
    public var frame: UInt64
    /// How many pages of the offer were right before it.
    public var pagesBefore: UInt64

    /// Frame number and position.
    public var description: String {
        "frame \(hex(frame)) does not carry its stamp (\(pagesBefore) pages before it did)"
    }
}
