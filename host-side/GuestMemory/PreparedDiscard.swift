/// An offer that passed every check. Only a ``DiscardEngine`` makes one, and only ``DiscardEngine/commit(_:rereading:)``
/// discards it.
public struct PreparedDiscard: Sendable {
    /// The offer.
    public let offer: DiscardOffer
    /// Bytes of the offer.
    public let bytes: UInt64
    let fence: SessionFence
    let runs: [StampVerifier.Run]
    let ranges: [FileRange]
    let timings: DiscardOutcome.Timings
}
