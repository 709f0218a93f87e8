import SystemPackage

/// Memory limits of a cgroup and its ancestors.
public struct CgroupLimits: Sendable, Hashable {
    /// One cgroup on the way up.
    public struct Level: Sendable, Hashable {
        /// Its path below the root of the hierarchy, such as `/system.slice`.
        public var path: String
        /// memory.max, in version 1 memory.limit_in_bytes, in bytes; nil without limit.
        public var maximumBytes: UInt64?
        /// memory.high in bytes; nil without limit and in version 1.
        public var highBytes: UInt64?
        /// memory.current, in version 1 memory.usage_in_bytes, in bytes.
        public var currentBytes: UInt64

        /// What its limits still allow, in bytes; nil without limits.
        public var headroomBytes: UInt64? {
            guard let limit = [maximumBytes, highBytes].compactMap({ $0 }).min() else { return nil }
            return limit > currentBytes ? limit - currentBytes : 0
        }
    }

    /// The cgroup itself first, then its ancestors; the root, which has no limits, is left out.
    public var levels: [Level]

    /// What the tightest level still allows, in bytes; nil without limits.
    public var headroomBytes: UInt64? { levels.compactMap(\.headroomBytes).min() }

    /// The limits of a cgroup, by its path below the hierarchy's root as `/proc/PID/cgroup` tells it. Levels without
    /// the memory controller have none. A path that climbs out of the visible hierarchy counts from its root. Where
    /// version 1 has the memory controller its limits count, which has no `highBytes`.
    public static func read(_ path: String, roots: SensorRoots = SensorRoots()) -> CgroupLimits {
        var names = path.split(separator: "/").filter { $0 != ".." && $0 != "." }
        let old = CgroupHierarchy.memory(roots).flatMap { $0.version == 1 ? $0.root : nil }
        // The kernel allows no more nesting than fits into a path.
        guard names.count <= 256, let root = old ?? CgroupHierarchy.unified(roots) else {
            return CgroupLimits(levels: [])
        }
        var levels: [Level] = []
        while !names.isEmpty {
            let below = names.joined(separator: "/")
            let folder = root.appending(below)
            if old == nil {
                levels.append(
                    Level(
                        path: "/" + below, maximumBytes: limit(folder.appending("memory.max")),
                        highBytes: limit(folder.appending("memory.high")),
                        currentBytes: limit(folder.appending("memory.current")) ?? 0))
            } else {
                levels.append(
                    Level(
                        path: "/" + below,
                        maximumBytes: CgroupReader.limit(limit(folder.appending("memory.limit_in_bytes"))),
                        highBytes: nil, currentBytes: limit(folder.appending("memory.usage_in_bytes")) ?? 0))
            }
            names.removeLast()
        }
        return CgroupLimits(levels: levels)
    }

    /// The path of a process's cgroup in the hierarchy that has the memory controller, else in version 2; nil where
    /// there is none. Without a number, of this process.
    public static func path(ofProcess process: Int32? = nil, roots: SensorRoots = SensorRoots()) -> String? {
        let file = roots.proc.appending(process.map(String.init) ?? "self").appending("cgroup")
        guard let bytes = try? TextFile.read(file) else { return nil }
        let isOld = CgroupHierarchy.memory(roots)?.version == 1
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            // `4:cpu,memory:/path` in version 1, `0::/path` in version 2.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].hasPrefix("/") else { continue }
            let fits = isOld ? parts[1].split(separator: ",").contains("memory") : parts[0] == "0" && parts[1].isEmpty
            guard fits else { continue }
            let deleted = " (deleted)"
            return String(parts[2].hasSuffix(deleted) ? parts[2].dropLast(deleted.count) : parts[2])
        }
        return nil
    }

    /// A number of bytes; nil for `max` and for what cannot be read.
    private static func limit(_ path: FilePath) -> UInt64? {
        (try? TextFile.line(path)).flatMap { UInt64($0) }
    }
}
