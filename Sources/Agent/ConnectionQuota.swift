/// How many connections the vsock listener keeps, by how far their peers are trusted: those who may do less can neither
/// crowd out who may do more, nor fill the agent's memory.
struct ConnectionQuota: Sendable {
    /// What a peer may be at the most.
    enum Trust: Sendable, Equatable {
        /// Nothing: it is only told why.
        case none
        /// An observer.
        case observer
        /// A controller.
        case controller
    }

    /// A connection, as far as this matters.
    struct Entry: Sendable, Equatable {
        var token: UInt64
        var trust: Trust
        /// Whether its peer's Hello was accepted.
        var isEstablished: Bool
    }

    /// What to do with one more connection.
    enum Verdict: Sendable, Equatable {
        case take
        /// Take it in the place of this one.
        case replace(UInt64)
        case turnAway
    }

    /// The most connections of each kind.
    static let limit = 16
    /// The most observers of all kinds together: a controller always finds room.
    static let observers = 12

    /// Judges one more connection. Of those without a session the oldest goes: greeting takes a moment, and who is slow
    /// about it may begin anew.
    static func judge(_ present: [Entry], newcomer: Trust) -> Verdict {
        let own = present.filter { $0.trust == newcomer }
        if own.count < limit { return .take }
        let oldest = own.filter { !$0.isEstablished }.map(\.token).min()
        return oldest.map { .replace($0) } ?? .turnAway
    }
}
