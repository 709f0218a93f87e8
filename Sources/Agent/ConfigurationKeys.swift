/// The tables and keys that exist, and the closest one to a name that does not.
enum ConfigurationKeys {
    /// Every table with its keys.
    static let all: [(table: String, keys: [String])] = [
        ("agent", ["port", "socket", "runtime-directory", "status-file", "oomd-hook", "log-level"]),
        (
            "balloon",
            [
                "enabled", "chunk", "slots", "holders", "holder-slice", "floor", "watermark", "fill-rate",
                "inflate-rate", "audit-period",
            ]
        ),
        (
            "policy",
            [
                "stats-period", "adaptive-minimum", "adaptive-maximum", "deflate-on-oom", "on-controller-loss",
                "release-after", "hold-off", "hold-off-after-oom", "boot-grace", "ask-hold", "other-killers",
                "killer-margin", "host-may", "allow-policy-change", "allowed-deflate-on-oom",
                "allowed-on-controller-loss", "minimum-stats-period",
            ]
        ),
        ("cache", ["idle-age", "leave-alone", "reclaim", "reclaim-anonymous", "compact"]),
        ("pressure", ["window", "inflate-some", "release-some", "release-full", "thrashing", "refaults"]),
        ("vsock", ["enabled", "port", "require-privileged-peer", "observers"]),
        ("sensors", ["mglru", "damon", "working-set-period", "leak-window", "pressure-cgroups"]),
    ]

    /// Refuses a table or a key that does not exist, with the closest that does.
    static func check(_ table: TOMLTable, file: String) throws(ConfigurationError) {
        guard let known = all.first(where: { $0.table == table.name }) else {
            if table.name.isEmpty {
                guard let entry = table.entries.first else { return }
                let home = all.first { $0.keys.contains(entry.key) }?.table ?? "agent"
                throw ConfigurationError(
                    .unknownKey, file: file, line: entry.line, "\(entry.key) stands before any table",
                    expected: "a header such as [\(home)] above it")
            }
            throw ConfigurationError(
                .unknownKey, file: file, line: table.line, "unknown table [\(table.name)]",
                expected: closest(to: table.name, among: all.map(\.table)).map { "[\($0)]" } ?? "[agent]")
        }
        for entry in table.entries where !known.keys.contains(entry.key) {
            if let home = all.first(where: { $0.keys.contains(entry.key) }) {
                throw ConfigurationError(
                    .unknownKey, file: file, line: entry.line, "\(entry.key) does not belong to [\(table.name)]",
                    expected: "\(entry.key) in [\(home.table)]")
            }
            throw ConfigurationError(
                .unknownKey, file: file, line: entry.line, "unknown key \(entry.key) in [\(table.name)]",
                expected: closest(to: entry.key, among: known.keys) ?? "no such key")
        }
    }

    /// The name that needs the fewest changed, added or removed characters.
    static func closest(to name: String, among names: [String]) -> String? {
        names.min { distance(name, $0) < distance(name, $1) }
    }

    private static func distance(_ one: String, _ other: String) -> Int {
        // A name of any length is compared by its start only.
        let left = Array(one.utf8.prefix(64))
        let right = Array(other.utf8)
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, candidate) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (byte == candidate ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
