/// How much memory of one kind on one node was used within certain ages: bounds that one measurement gives.
struct AgeCurve: Sendable, Hashable {
    /// For each age: what was or may have been used within it, in bytes.
    var upper: [UInt64]
    /// For each age: what was certainly used within it, in bytes.
    var lower: [UInt64]
    /// All of it, in bytes.
    var total: UInt64

    /// The bounds at these ages, which ascend.
    ///
    /// Agings are some milliseconds early or late, and the kernel counts in its own ticks: a class that ends next to an
    /// age ends at it. Else it were chance whether an aging measured anything there.
    init(_ classes: [AgeClass], _ kind: KeyPath<AgeClass, UInt64>, at edges: [UInt64]) {
        let classes = classes.map { Self.snapped($0, to: edges) }
        total = classes.reduce(0 as UInt64) { $0.adding($1[keyPath: kind]) }
        upper = edges.map { edge in
            classes.reduce(0) { $1.minimumIdle < edge ? $0.adding($1[keyPath: kind]) : $0 }
        }
        lower = edges.map { edge in
            classes.reduce(0) { ($1.maximumIdle ?? .max) <= edge ? $0.adding($1[keyPath: kind]) : $0 }
        }
    }

    private static func snapped(_ entry: AgeClass, to edges: [UInt64]) -> AgeClass {
        func snap(_ age: UInt64) -> UInt64 {
            edges.first { max($0, age) - min($0, age) <= tolerance(at: $0) } ?? age
        }
        var entry = entry
        entry.minimumIdle = snap(entry.minimumIdle)
        entry.maximumIdle = entry.maximumIdle.map(snap)
        return entry
    }

    /// How far from an age a border counts as being there: a twentieth, at least 1 and at most 5 s. The ages of a
    /// schedule are further apart.
    private static func tolerance(at edge: UInt64) -> UInt64 { min(max(edge / 20, 1_000_000_000), 5_000_000_000) }

    /// Whether the bounds at this edge are as good as equal: within a hundredth, or a mebibyte.
    func isExact(at index: Int) -> Bool { upper[index].less(lower[index]) <= max(total / 100, 1 << 20) }
}
