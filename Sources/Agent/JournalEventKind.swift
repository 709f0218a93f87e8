public import Linux
public import Wire

extension JournalEvent {
    /// What happened, with the stable identity of its journal entries. docs/journal.md lists them; a number is never
    /// given to another kind.
    public enum Kind: String, Sendable, CaseIterable {
        /// The agent started.
        case started
        /// The agent stops; the holders keep what they have.
        case stopping
        /// A controller's session began.
        case controllerConnected = "controller-connected"
        /// A controller's session ended.
        case controllerDisconnected = "controller-disconnected"
        /// No controller for as long as on-controller-loss allows: everything was released.
        case controllerLost = "controller-lost"
        /// The balloon reached its target.
        case inflated
        /// Something keeps the balloon from its target.
        case limited
        /// There can be no agent balloon in this guest.
        case unavailable
        /// Everything was released below the watermark, after an OOM kill, or before another killer acts.
        case emergencyRelease = "emergency-release"
        /// A part was released because of memory pressure.
        case pressureRelease = "pressure-release"
        /// Everything was released because somebody asked for it.
        case requestedRelease = "requested-release"
        /// An OOM kill was seen.
        case oomKillSeen = "oom-kill-seen"
        /// A holder process died.
        case holderDied = "holder-died"
        /// Policies were changed at run time.
        case policyChanged = "policy-changed"
        /// The administrator forbade inflation, or allowed it again.
        case held
        /// The guest asked the host for memory, changed or withdrew that.
        case asked
        /// Demand only grows.
        case leakSuspected = "leak-suspected"
        /// Cold memory was reclaimed to make room.
        case reclaimed
        /// Page cache that was in use came back: memory was given back and is left alone.
        case cacheProtected = "cache-protected"
        /// Another killer is near its threshold.
        case otherKillerNear = "other-killer-near"
        /// systemd-oomd told that it is about to kill.
        case oomdWillKill = "oomd-will-kill"

        /// MESSAGE_ID of the journal entries: 128 bits in hexadecimal.
        public var messageID: StaticString {
            switch self {
            case .started: "f47c28082eb34f59bd4832f49faa6804"
            case .stopping: "b4bb19676d154cefba91e01b880d2fad"
            case .controllerConnected: "5a1b008ff40f4ef5a4b43d0bdec4a846"
            case .controllerDisconnected: "e746030dc45c4912a871bbddd5e2e4f7"
            case .controllerLost: "e45e0b92b60e4122bedaa08a204532ff"
            case .inflated: "961de5fca4fa48bcbc50be5192f4cc70"
            case .limited: "d1c2942bee1a4e06a9dcb8c6bb6fccee"
            case .unavailable: "72976829072d4c9d9b83b19f323a14f5"
            case .emergencyRelease: "22c4a51862f64b10a8275ac7ce5fa6b6"
            case .pressureRelease: "ac0a09659b19409288d348c70b53e876"
            case .requestedRelease: "c8be0b2b3c014f2ab1cf7d1d8b8aa0d6"
            case .oomKillSeen: "86b5de30fb944091969167d095c8e9de"
            case .holderDied: "05cae3ea7ddd49f5b60b01067bd0d4ec"
            case .policyChanged: "cd89de1c5864498e9f2fc6f2f3fb37ad"
            case .held: "6866719abf084395a6e29c660118698e"
            case .asked: "25b0db507f8a4153a066ab000cba7d11"
            case .leakSuspected: "4fb60afc907b4a5e90d8defcb30c974b"
            case .reclaimed: "20b2ef97fac84d649c9e5a4f0bb542a7"
            case .cacheProtected: "68bfad14ad7b4a519b1f3885b872d0f8"
            case .otherKillerNear: "ff1a9b729c45444da83136273027cb8b"
            case .oomdWillKill: "3d91e449c7e64faeb9361e11f5e1d0e7"
            }
        }

        /// How urgent the entries are.
        public var priority: Journal.Priority {
            switch self {
            case .emergencyRelease, .oomKillSeen, .holderDied, .unavailable, .leakSuspected, .otherKillerNear,
                .oomdWillKill, .controllerLost:
                .warning
            case .started, .stopping, .controllerConnected, .controllerDisconnected, .pressureRelease,
                .requestedRelease, .policyChanged, .held:
                .notice
            case .inflated, .limited, .asked, .reclaimed, .cacheProtected: .info
            }
        }

        /// What an event on the wire is in the journal; nil for kinds that this version does not know.
        public init?(_ kind: Event.Kind) {
            switch kind {
            case .emergencyRelease: self = .emergencyRelease
            case .oomKillSeen: self = .oomKillSeen
            case .holderDiedEvent: self = .holderDied
            case .stoppingEvent: self = .stopping
            case .policyChanged: self = .policyChanged
            case .pressureRelease: self = .pressureRelease
            case .asked: self = .asked
            case .leakSuspected: self = .leakSuspected
            case .held: self = .held
            case .reclaimed: self = .reclaimed
            case .controllerLostEvent: self = .controllerLost
            case .cacheProtected: self = .cacheProtected
            case .controllerConnected: self = .controllerConnected
            case .inflated: self = .inflated
            case .otherKillerNear: self = .otherKillerNear
            default: return nil
            }
        }
    }
}
