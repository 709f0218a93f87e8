/// Joins measurements at different ages into one histogram.
///
/// Each aging measures exactly at two ages only; between them the newest gives bounds. Within these bounds the last
/// exact measurement at an age counts, as long as it is no older than two cycles.
struct AgeHistory: Sendable {
    private struct Key: Hashable {
        var node: UInt32
        var isFile: Bool
        var edge: UInt64
    }

    private struct Measurement {
        var bytes: UInt64
        var at: UInt64
    }

    /// The ages, ascending, in nanoseconds.
    let edges: [UInt64]
    /// How long a measurement counts, in nanoseconds.
    let lifetime: UInt64
    private var exact: [Key: Measurement] = [:]

    init(edges: [UInt64], lifetime: UInt64) {
        self.edges = edges
        self.lifetime = lifetime
    }

    /// Takes a measurement in and returns the histogram's buckets.
    /// - Parameter undated: Memory of unknown age.
    mutating func join(_ classes: [AgeClass], undated: [AgeClass] = [], at now: UInt64) -> [IdleBucket] {
        exact = exact.filter { now.less($0.value.at) <= lifetime }
        var buckets: [IdleBucket] = []
        for node in Set(classes.map(\.node)).union(undated.map(\.node)).sorted() {
            let own = classes.filter { $0.node == node }
            let anonymous = parts(AgeCurve(own, \.anonymousBytes, at: edges), node, isFile: false, now)
            let file = parts(AgeCurve(own, \.fileBytes, at: edges), node, isFile: true, now)
            for index in 0...edges.count where anonymous[index] > 0 || file[index] > 0 {
                buckets.append(
                    IdleBucket(
                        minimumIdle: index == 0 ? 0 : edges[index - 1],
                        maximumIdle: index == edges.count ? nil : edges[index],
                        anonymousBytes: anonymous[index], fileBytes: file[index], node: node))
            }
            let unknown = undated.filter { $0.node == node }
            let bucket = IdleBucket(
                minimumIdle: 0, maximumIdle: nil,
                anonymousBytes: unknown.reduce(0 as UInt64) { $0.adding($1.anonymousBytes) },
                fileBytes: unknown.reduce(0 as UInt64) { $0.adding($1.fileBytes) }, node: node)
            if bucket.bytes > 0 { buckets.append(bucket) }
        }
        return buckets
    }

    /// The bytes between each two edges, and beyond the last.
    private mutating func parts(_ curve: AgeCurve, _ node: UInt32, isFile: Bool, _ now: UInt64) -> [UInt64] {
        var previous: UInt64 = 0
        var parts: [UInt64] = []
        for (index, edge) in edges.enumerated() {
            let key = Key(node: node, isFile: isFile, edge: edge)
            var used = curve.upper[index]
            if curve.isExact(at: index) {
                exact[key] = Measurement(bytes: used, at: now)
            } else if let old = exact[key] {
                used = min(max(old.bytes, curve.lower[index]), curve.upper[index])
            }
            used = max(used, previous)
            parts.append(used - previous)
            previous = used
        }
        return parts + [curve.total.less(previous)]
    }
}
