/// The generations of one memory cgroup on one node, as `lru_gen` in debugfs shows them.
struct LRUVector: Sendable, Hashable {
    /// Memory that was last used between the birth of this generation and that of the next, as far as the kernel saw.
    struct Generation: Sendable, Hashable {
        /// The kernel's running number; the youngest has the largest.
        var sequence: UInt64
        /// The time since its birth, in nanoseconds.
        var age: UInt64
        /// Anonymous memory and tmpfs, in bytes.
        var anonymousBytes: UInt64
        /// Page cache, in bytes.
        var fileBytes: UInt64
    }

    /// The kernel's number of the cgroup; 0 where it was removed, or where the kernel has no memory cgroups.
    var cgroup: UInt64
    /// Its path; empty where the kernel has no memory cgroups.
    var path: String
    /// The NUMA node.
    var node: UInt32
    /// Its generations, oldest first: two to four.
    var generations: [Generation]

    /// All evictable memory, in bytes.
    var bytes: UInt64 {
        generations.reduce(0 as UInt64) { $0.adding($1.anonymousBytes).adding($1.fileBytes) }
    }

    /// Whether the kernel takes orders for it by number.
    var hasNumber: Bool { cgroup != 0 || path.isEmpty }

    /// Reads `lru_gen` or `lru_gen_full`. What is no line of these is skipped: a kernel that prints more is still read.
    static func parse(_ bytes: [UInt8]) -> [LRUVector] {
        var vectors: [LRUVector] = []
        var cgroup: UInt64 = 0
        var path = ""
        var isOpen = false
        for line in KernelText.lines(bytes) {
            let words = KernelText.words(line)
            guard let first = words.first else { continue }
            if first.elementsEqual("memcg".utf8), words.count >= 2 {
                isOpen = false
                guard let number = KernelText.number(words[1]) else { continue }
                cgroup = number
                // A path may contain blanks.
                path = words.count > 2 ? KernelText.text(line[words[2].startIndex...]) : ""
                isOpen = true
            } else if first.elementsEqual("node".utf8), words.count == 2 {
                guard isOpen, let node = KernelText.number(words[1]).flatMap({ UInt32(exactly: $0) }) else { continue }
                vectors.append(LRUVector(cgroup: cgroup, path: path, node: node, generations: []))
            } else if words.count == 4, isOpen, let last = vectors.indices.last, let generation = generation(words) {
                vectors[last].generations.append(generation)
            }
        }
        for index in vectors.indices { vectors[index].generations.sort { $0.sequence < $1.sequence } }
        return vectors.filter { !$0.generations.isEmpty }
    }

    private static func generation(_ words: [ArraySlice<UInt8>]) -> Generation? {
        guard let sequence = KernelText.number(words[0]), let milliseconds = KernelText.number(words[1]),
            let anonymous = pages(words[2]), let file = pages(words[3])
        else { return nil }
        return Generation(
            sequence: sequence, age: milliseconds.millisecondsAsNanoseconds, anonymousBytes: anonymous, fileBytes: file)
    }

    /// A number of 4 KiB pages as bytes; 0 where an `x` marks it as not in use.
    private static func pages(_ word: ArraySlice<UInt8>) -> UInt64? {
        if word.last == UInt8(ascii: "x") { return KernelText.number(word.dropLast()).map { _ in 0 } }
        return KernelText.number(word).map { $0.multiplied(4096) }
    }
}
