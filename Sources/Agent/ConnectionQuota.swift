/// How many connections a listener keeps, by how far their peers are trusted: those who may not be a controller can
/// neither crowd out who may, nor fill the agent's memory.
struct ConnectionQuota: Sendable {
    /// A connection, as far as this matters.
    struct Entry: Sendable, Equatable {
        var token: UInt64
        var isTrusted: Bool
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

    /// Judges one more connection. Of those without a session the oldest goes: greeting takes a moment, and who is slow
    /// about it may begin anew.
    static func judge(_ present: [Entry], newcomerIsTrusted: Bool) -> Verdict {
        let own = present.filter { $0.isTrusted == newcomerIsTrusted }
        if own.count < limit { return .take }
        let oldest = own.filter { !$0.isEstablished }.map(\.token).min()
        return oldest.map { .replace($0) } ?? .turnAway
    }
}
