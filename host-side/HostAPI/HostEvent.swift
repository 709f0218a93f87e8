/// Something an operator wants to know.
public struct HostEvent: Codable, Sendable, Equatable {
    /// What kind of event it is; new kinds may appear in any version.
    public struct Kind: RawRepresentable, Codable, Sendable, Hashable {
        /// The stable name.
        public var rawValue: String

        /// Makes a kind of that name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The daemon is up.
        public static let started = Kind(rawValue: "started")
        /// The daemon is about to end.
        public static let stopping = Kind(rawValue: "stopping")
        /// The kill switch was switched on.
        public static let paused = Kind(rawValue: "paused")
        /// The kill switch was switched off.
        public static let resumed = Kind(rawValue: "resumed")
        /// A VMM or an agent connected.
        public static let connected = Kind(rawValue: "connected")
        /// A VMM or an agent was lost.
        public static let disconnected = Kind(rawValue: "disconnected")
        /// The actuator of a VM was chosen or changed.
        public static let actuator = Kind(rawValue: "actuator")
        /// A target was set.
        public static let targetSet = Kind(rawValue: "target-set")
        /// A target was reached.
        public static let targetReached = Kind(rawValue: "target-reached")
        /// A guest answered a target partly or refused it, or changed its answer.
        public static let targetAnswer = Kind(rawValue: "target-answer")
        /// Memory was given back on request.
        public static let released = Kind(rawValue: "released")
        /// A guest released its balloon in distress.
        public static let distress = Kind(rawValue: "distress")
        /// Chunks were refused.
        public static let refusedChunk = Kind(rawValue: "refused-chunk")
        /// A guest violated the protocol.
        public static let protocolError = Kind(rawValue: "protocol-error")
        /// A policy of a guest changed.
        public static let policyChanged = Kind(rawValue: "policy-changed")
        /// A session ended since the VM's memory may change owner (reset, migration, snapshot, ...).
        public static let sessionEnded = Kind(rawValue: "session-ended")
        /// A guest did not take a policy of the policy file or of an earlier order.
        public static let policyRefused = Kind(rawValue: "policy-refused")
        /// A guest asks for memory, changed or withdrew that.
        public static let asked = Kind(rawValue: "asked")
        /// A guest released a part of its balloon because of memory pressure.
        public static let pressureRelease = Kind(rawValue: "pressure-release")
        /// Demand in a guest only grows.
        public static let leakSuspected = Kind(rawValue: "leak-suspected")
        /// A guest's administrator forbade inflation, or allowed it again.
        public static let held = Kind(rawValue: "held")
        /// A guest reclaimed cold memory to make room.
        public static let reclaimed = Kind(rawValue: "reclaimed")
        /// A guest had no controller for as long as its policy allows.
        public static let controllerLost = Kind(rawValue: "controller-lost")
        /// Evicted cache of a guest came back: its cache floor was raised, and memory given back.
        public static let cacheProtected = Kind(rawValue: "cache-protected")
        /// In a guest systemd-oomd, kubelet or earlyoom are near their threshold.
        public static let otherKillerNear = Kind(rawValue: "other-killer-near")
        /// Persistent state was damaged or could not be written.
        public static let state = Kind(rawValue: "state")

        /// Reads the plain string.
        public init(from decoder: any Decoder) throws {
            rawValue = try decoder.singleValueContainer().decode(String.self)
        }

        /// Writes the plain string.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(rawValue)
        }
    }

    /// Grows with every event, also across restarts of the daemon.
    public var id: UInt64
    /// When it happened.
    public var time: Timestamp
    /// The VM concerned; nil where it is the daemon itself.
    public var vm: String?
    /// What kind of event it is.
    public var kind: Kind
    /// One sentence.
    public var message: String
    /// Numbers and names for programs; sizes end in `_bytes`.
    public var fields: [String: EventValue]

    /// Makes an event.
    public init(
        id: UInt64, time: Timestamp, vm: String?, kind: Kind, message: String, fields: [String: EventValue] = [:]
    ) {
        self.id = id
        self.time = time
        self.vm = vm
        self.kind = kind
        self.message = message
        self.fields = fields
    }
}

/// Some events: `GET /v1/events`.
public struct EventPage: Codable, Sendable, Equatable {
    /// Oldest first.
    public var events: [HostEvent]
    /// What to pass as `since` next time.
    public var next: UInt64
    /// Whether events after `since` had been dropped before they were asked for.
    public var lost: Bool

    /// Makes a page.
    public init(events: [HostEvent], next: UInt64, lost: Bool = false) {
        self.events = events
        self.next = next
        self.lost = lost
    }
}
