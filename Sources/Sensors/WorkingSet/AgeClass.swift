/// Memory of one node whose last use lies within one span of time.
struct AgeClass: Sendable, Hashable {
    var node: UInt32
    /// Unused for at least so many nanoseconds.
    var minimumIdle: UInt64
    /// Used within so many nanoseconds; nil: no bound.
    var maximumIdle: UInt64?
    /// Anonymous memory and tmpfs, in bytes.
    var anonymousBytes: UInt64 = 0
    /// Page cache, in bytes.
    var fileBytes: UInt64 = 0

    /// The classes of one group of generations, at the time of its last aging.
    ///
    /// An aging first moves what has its accessed bit set into the youngest generation, and opens the next then. So
    /// what is in a generation was last used between its birth and the birth of the next; the oldest holds all that is
    /// older too. What was used since the last aging still stands where it stood: nothing newer can be known.
    static func of(_ vector: LRUVector) -> [AgeClass] {
        let generations = vector.generations
        let sinceAging = generations.last?.age ?? 0
        return generations.indices.map { index in
            let isYoungest = index == generations.count - 1
            return AgeClass(
                node: vector.node, minimumIdle: isYoungest ? 0 : generations[index + 1].age.less(sinceAging),
                maximumIdle: index == 0 ? nil : generations[index].age.less(sinceAging),
                anonymousBytes: generations[index].anonymousBytes, fileBytes: generations[index].fileBytes)
        }
    }

    /// A group that the agent does not age counts as used.
    static func used(_ vector: LRUVector) -> AgeClass {
        AgeClass(
            node: vector.node, minimumIdle: 0, maximumIdle: 0,
            anonymousBytes: vector.generations.reduce(0 as UInt64) { $0.adding($1.anonymousBytes) },
            fileBytes: vector.generations.reduce(0 as UInt64) { $0.adding($1.fileBytes) })
    }
}

extension [AgeClass] {
    /// Takes bytes of page cache out, from the oldest classes first; returns how many there were of each node.
    ///
    /// Cache that nobody maps has no accessed bit: the kernel puts it into one of the two oldest generations when it
    /// is read first, and leaves it there. Where some of it is younger nonetheless, mapped cache is taken for younger
    /// than it is, which is the safe side.
    mutating func takeFileBytes(_ bytes: UInt64) -> [UInt32: UInt64] { take(bytes, \.fileBytes) }

    /// The same for anonymous memory: tmpfs that nobody maps.
    mutating func takeAnonymousBytes(_ bytes: UInt64) -> [UInt32: UInt64] { take(bytes, \.anonymousBytes) }

    private mutating func take(
        _ bytes: UInt64, _ kind: WritableKeyPath<AgeClass, UInt64>
    ) -> [UInt32: UInt64] {
        var rest = bytes
        var taken: [UInt32: UInt64] = [:]
        for index in indices.sorted(by: { self[$0].minimumIdle > self[$1].minimumIdle }) where rest > 0 {
            let part = Swift.min(rest, self[index][keyPath: kind])
            guard part > 0 else { continue }
            self[index][keyPath: kind] -= part
            rest -= part
            taken[self[index].node, default: 0] = taken[self[index].node, default: 0].adding(part)
        }
        return taken
    }
}
