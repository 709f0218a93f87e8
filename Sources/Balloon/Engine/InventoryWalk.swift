/// The inventory of one session: held chunks are asked after one by one, in the order of their numbers.
struct InventoryWalk: Sendable {
    /// Whether a chunk's holder can say now where it lies.
    enum Readiness: Sendable, Hashable {
        case ready
        /// Once its pin is gone.
        case later
        /// It is no longer held, or about to go.
        case never
    }

    /// What comes next.
    enum Step: Sendable, Hashable {
        /// An answer or an unpinning is waited for, or there is no inventory.
        case wait
        /// Ask for this chunk.
        case ask(UInt64)
        /// All are told.
        case complete
    }

    /// Whether it is not complete yet.
    private(set) var isRunning = false
    /// The chunk whose holder was asked.
    private(set) var asked: UInt64?
    /// The highest number first.
    private var pending: [UInt64] = []

    /// A session began whose balloon has these chunks.
    mutating func begin(_ chunks: [UInt64]) {
        isRunning = true
        asked = nil
        pending = chunks.sorted(by: >)
    }

    /// The session is over.
    mutating func stop() { self = InventoryWalk() }

    /// A holder has answered; false where it was not asked.
    mutating func answered(_ chunk: UInt64) -> Bool {
        guard isRunning, asked == chunk else { return false }
        asked = nil
        return true
    }

    /// The next step, by what `readiness` says of chunks.
    mutating func next(_ readiness: (UInt64) -> Readiness) -> Step {
        guard isRunning else { return .wait }
        if let asked, readiness(asked) == .ready { return .wait }
        asked = nil
        while let chunk = pending.last {
            switch readiness(chunk) {
            case .later: return .wait
            case .never: pending.removeLast()
            case .ready:
                pending.removeLast()
                asked = chunk
                return .ask(chunk)
            }
        }
        isRunning = false
        return .complete
    }
}
