import Governor
import Linux
public import Wire

/// One entry of the journal that programs look for: a MESSAGE_ID, a sentence, and fields. docs/journal.md is the
/// contract.
public struct JournalEvent: Sendable, Equatable {
    /// One field of an entry.
    public struct Field: Sendable, Equatable {
        /// Upper case, `BALLAST_` before it.
        public let name: String
        /// Its value: a text, or a decimal number.
        public let value: String
    }

    /// What happened.
    public let kind: Kind
    /// One sentence.
    public let message: String
    /// What the sentence says, for programs.
    public private(set) var fields: [Field]

    /// An entry.
    /// - Parameters:
    ///   - kind: what happened.
    ///   - message: one sentence.
    ///   - bytes: how much memory it is about.
    ///   - reason: why, where there is a reason.
    ///   - cgroup: whom it is about, where it is a cgroup.
    ///   - peer: what the controller or administrator called itself.
    public init(
        _ kind: Kind, _ message: String, bytes: UInt64? = nil, reason: Reason = .noReason, cgroup: String? = nil,
        peer: String? = nil
    ) {
        self.kind = kind
        self.message = Self.plain(message, limit: 1024)
        fields = []
        if reason != .noReason { add("BALLAST_REASON", reason.name) }
        if let bytes { add("BALLAST_BYTES", "\(bytes)") }
        if let cgroup { add("BALLAST_CGROUP", cgroup) }
        if let peer { add("BALLAST_PEER", peer) }
    }

    /// The journal's entry of an event as the host is told it; nil for kinds that this version does not know.
    public init?(_ event: Event, cgroup: String? = nil, peer: String? = nil) {
        guard let kind = Kind(event.kind) else { return nil }
        self.init(
            kind, Self.sentence(kind, event), bytes: event.bytes, reason: event.reason, cgroup: cgroup, peer: peer)
    }

    /// Adds a field; what comes from outside is made plain.
    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: Self.plain(value, limit: 4096)))
    }

    /// Adds the state of the balloon: bytes held, and the target where there is one.
    public func with(heldBytes: UInt64, targetBytes: UInt64? = nil) -> JournalEvent {
        var event = self
        event.add("BALLAST_HELD_BYTES", "\(heldBytes)")
        if let targetBytes { event.add("BALLAST_TARGET_BYTES", "\(targetBytes)") }
        return event
    }

    /// Every field of the entry but those that journald knows itself.
    public var allFields: [(name: String, value: String)] {
        [("MESSAGE_ID", "\(kind.messageID)"), ("BALLAST_EVENT", kind.rawValue)] + fields.map { ($0.name, $0.value) }
    }

    private static func sentence(_ kind: Kind, _ event: Event) -> String {
        let bytes = ByteSize.format(event.bytes)
        let text =
            switch kind {
            case .emergencyRelease, .pressureRelease: "\(bytes) released"
            case .controllerLost: "\(bytes) released, no controller came back"
            case .oomKillSeen: "an OOM kill was seen"
            case .holderDied: "a holder died and gave \(bytes) back"
            case .stopping: "stopping, \(bytes) stay with the holders"
            case .policyChanged: "policies changed"
            case .asked: event.bytes == 0 ? "no more memory is asked for" : "\(bytes) of memory asked for"
            case .leakSuspected: "demand only grows"
            case .held: "the administrator's hold"
            case .reclaimed: "\(bytes) of cold memory reclaimed"
            case .cacheProtected: "\(bytes) of page cache are left alone"
            case .controllerConnected: "a controller is connected"
            case .inflated: "the target is reached, \(bytes) held"
            case .otherKillerNear: "another killer is near its threshold"
            default: "\(kind.rawValue)"
            }
        return event.detail.isEmpty ? text : "\(text): \(event.detail)"
    }

    /// On one line and not too long: a peer's name or a cgroup's may hold anything.
    private static func plain(_ text: String, limit: Int) -> String {
        var plain = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            let isControl =
                scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029
            plain.unicodeScalars.append(isControl ? "?" : scalar)
        }
        return plain
    }
}
