import GuestMemory
import HostAPI
import Wire

/// One session with a VM's agent, from the dial to the end. Belongs to its VM's controller and never leaves it.
final class AgentLink {
    /// An offer that waits for its turn.
    struct Waiting {
        let offer: Offer
        let extents: [Extent]
        let receivedAt: UInt64
    }

    let channel: AgentChannel
    let fence: SessionFence
    let nonce: Nonce
    /// The discard engine, where this session may discard.
    let engine: DiscardEngine?
    var session: PeerSession
    var book: RangeBook?
    var reply: HelloReply?
    var fault: SessionFault?
    /// Why the session ended, where something else than a fault ended it.
    var ending: String?
    var waiting: [Waiting] = []
    /// Batches that are being worked on.
    var workers = 0
    var safety = SafetyWord()
    /// Holes of an earlier session are being filled; nothing is discarded meanwhile.
    var isBacking = false
    var inventoryComplete = false
    /// Those who wait for the answer to a request.
    var pending: [UInt64: CheckedContinuation<ToHost.Message?, Never>] = [:]
    /// Policies that were given when the session began, by request, until they are answered.
    var givenPolicies: [UInt64: GuestPolicyChange] = [:]
    var lastReport: Report?
    /// When bytes last came, by `CLOCK_BOOTTIME` in nanoseconds.
    var lastHeard: UInt64 = 0
    /// When it was first spoken to since it was last heard, by the same clock.
    var spokeAt: UInt64?
    /// When a silent agent was asked for a sign of life.
    var probedAt: UInt64?
    /// Bytes the agent says are in flight or quarantined, from its last report.
    var audit = CreditAudit()
    var releasedBytes: UInt64 = 0
    var lastHeldAudit: UInt64 = 0
    /// Bytes of held chunks found resident by the last audit.
    var knownResidentBytes: UInt64 = 0

    init(channel: AgentChannel, fence: SessionFence, nonce: Nonce, engine: DiscardEngine?, hello: Hello) {
        self.channel = channel
        self.fence = fence
        self.nonce = nonce
        self.engine = engine
        session = PeerSession(hello: hello)
        book = engine.map { RangeBook(map: $0.map) }
    }

    /// Whether messages flow and none has ended the session.
    var isLive: Bool { session.isEstablished && fence.isOpen && ending == nil }

    /// Whoever waits for an answer gets none.
    func abandonRequests() {
        for continuation in pending.values { continuation.resume(returning: nil) }
        pending = [:]
    }
}
