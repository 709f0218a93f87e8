/// How much memory of one kind on one node was used within certain ages: bounds that one measurement gives.
struct AgeCurve: Sendable, Hashable {
    /// For each age: what was or may have been used within it, in bytes.
    var upper: [UInt64]
    /// For each age: what was certainly used within it, in bytes.
    var lower: [UInt64]
    /// All of it, in bytes.
    var total: UInt64

    /// The bounds at these ages, which ascend.
    init(_ classes: [AgeClass], _ kind: KeyPath<AgeClass, UInt64>, at edges: [UInt64]) {
        total = classes.reduce(0 as UInt64) { $0.adding($1[keyPath: kind]) }
        upper = edges.map { edge in
            classes.reduce(0) { $1.minimumIdle < edge ? $0.adding($1[keyPath: kind]) : $0 }
        }
        lower = edges.map { edge in
            classes.reduce(0) { ($1.maximumIdle ?? .max) <= edge ? $0.adding($1[keyPath: kind]) : $0 }
        }
    }

    /// Whether the bounds at this edge are as good as equal: within a hundredth, or a mebibyte.
    func isExact(at index: Int) -> Bool { upper[index].less(lower[index]) <= max(total / 100, 1 << 20) }
}
