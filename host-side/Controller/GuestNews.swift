import HostAPI
import Wire

/// What the daemon tells of a guest's event.
struct GuestNews: Equatable {
    /// The kind of the daemon's event.
    var kind: HostEvent.Kind
    /// Its sentence.
    var message: String
    /// Whether an operator should look at it.
    var isWarning: Bool

    /// Nil where the event says nothing that the daemon does not tell itself, or is not known to this version.
    init?(_ event: Event.Kind, detail: String) {
        let told: (kind: HostEvent.Kind, message: String, isWarning: Bool)
        switch event {
        case .emergencyRelease: told = (.distress, "the guest released its balloon in distress", true)
        case .oomKillSeen: told = (.distress, "an OOM kill was seen in the guest", true)
        case .holderDiedEvent: told = (.distress, "a holder died", true)
        case .pressureRelease: told = (.pressureRelease, "the guest released memory under pressure", true)
        case .leakSuspected: told = (.leakSuspected, "demand in the guest only grows", true)
        case .held: told = (.held, "the guest's administrator decided about inflation", false)
        case .reclaimed: told = (.reclaimed, "the guest reclaimed cold memory", false)
        case .controllerLostEvent: told = (.controllerLost, "the guest had no controller", true)
        case .cacheProtected: told = (.cacheProtected, "the guest keeps cache that is in use", false)
        case .otherKillerNear: told = (.otherKillerNear, "another killer in the guest is near its threshold", true)
        default: return nil
        }
        kind = told.kind
        isWarning = told.isWarning
        message = detail.isEmpty ? told.message : "\(told.message): \(detail)"
    }
}
