public import Wire

/// A part of the balloon goes back because programs wait for memory.
public struct Relief: Sendable, Equatable {
    /// `.memoryPressure`, `.thrashing`, `.refaults` or `.otherKiller`.
    public let reason: Reason
    /// Bytes to be released: at least so many, or all that is held.
    public let bytes: UInt64
    /// Bytes that the balloon had, in flight included.
    public let balloonBytes: UInt64
    /// How often the share was doubled, since the trouble lasts.
    public let doublings: Int
    /// The measurement behind it: hundredths of a percent of time for pressure, pages a second for thrashing, bytes
    /// that came back for refaults, bytes available for another killer.
    public let measured: UInt64
    /// From which value on it yields, in the same unit.
    public let limit: UInt64
    /// Who else would act, where that is the reason.
    public var killer: OtherKiller.Kind?

    /// One sentence with the numbers.
    public var detail: String {
        let released = "releasing \(ByteSize.format(bytes)) of \(ByteSize.format(balloonBytes))"
        switch reason {
        case .thrashing:
            return "\(measured) pages a second come back from swap, and \(limit) is the limit; \(released)"
        case .refaults:
            return "\(ByteSize.format(measured)) of the page cache that was taken came back, and "
                + "\(ByteSize.format(limit)) is the limit; \(released)"
        case .otherKiller:
            return "\(ByteSize.format(measured)) available, and \((killer ?? .other).name) ends programs soon: "
                + "\(ByteSize.format(limit)) are kept from it; \(released)"
        default:
            return "programs wait for memory \(Percent.format(measured)) of the time, and \(Percent.format(limit)) is "
                + "the limit; \(released)"
        }
    }
}
