/// Held chunks that wait to be offered again, in the order in which that was asked for; each once.
struct RepeatedOffers: Sendable {
    /// One of them.
    struct Entry: Sendable, Hashable {
        let chunk: UInt64
        /// Only those of its pages that moved.
        let onlyMoved: Bool
    }

    private var entries: [Entry] = []
    private var waiting: Set<UInt64> = []

    /// Whether none waits.
    var isEmpty: Bool { entries.isEmpty }

    /// Adds a chunk, unless it waits already.
    mutating func add(_ chunk: UInt64, onlyMoved: Bool) {
        if waiting.insert(chunk).inserted { entries.append(Entry(chunk: chunk, onlyMoved: onlyMoved)) }
    }

    /// Takes the first.
    mutating func next() -> Entry? {
        guard !entries.isEmpty else { return nil }
        let entry = entries.removeFirst()
        waiting.remove(entry.chunk)
        return entry
    }

    /// Forgets all.
    mutating func clear() { self = RepeatedOffers() }
}
