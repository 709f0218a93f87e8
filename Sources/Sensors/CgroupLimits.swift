import SystemPackage

/// Memory limits of a cgroup (v2) and its ancestors.
public struct CgroupLimits: Sendable, Hashable {
    /// One cgroup on the way up.
    public struct Level: Sendable, Hashable {
        /// Its path below the root of the hierarchy, such as `/system.slice`.
        public var path: String
        /// memory.max in bytes; nil without limit.
        public var maximumBytes: UInt64?
        /// memory.high in bytes; nil without limit.
        public var highBytes: UInt64?
        /// memory.current in bytes.
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
    /// the memory controller have none. A path that climbs out of the visible hierarchy counts from its root.
    public static func read(_ path: String, roots: SensorRoots = SensorRoots()) -> CgroupLimits {
        var names = path.split(separator: "/").filter { $0 != ".." && $0 != "." }
        // The kernel allows no more nesting than fits into a path.
        guard names.count <= 256, let root = hierarchy(roots) else { return CgroupLimits(levels: []) }
        var levels: [Level] = []
        while !names.isEmpty {
            let below = names.joined(separator: "/")
            let folder = root.appending(below)
            levels.append(
                Level(
                    path: "/" + below, maximumBytes: limit(folder.appending("memory.max")),
                    highBytes: limit(folder.appending("memory.high")),
                    currentBytes: limit(folder.appending("memory.current")) ?? 0))
            names.removeLast()
        }
        return CgroupLimits(levels: levels)
    }

    /// The path of a process's cgroup in the v2 hierarchy; nil where there is none. Without a number, of this process.
    public static func path(ofProcess process: Int32? = nil, roots: SensorRoots = SensorRoots()) -> String? {
        let file = roots.proc.appending(process.map(String.init) ?? "self").appending("cgroup")
        guard let bytes = try? TextFile.read(file) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("0::/") }) else { return nil }
        let path = line.dropFirst(3)
        let deleted = " (deleted)"
        return String(path.hasSuffix(deleted) ? path.dropLast(deleted.count) : path)
    }

    /// Where the v2 hierarchy is mounted: at the root given, or beside the v1 controllers.
    private static func hierarchy(_ roots: SensorRoots) -> FilePath? {
        for root in [roots.cgroup, roots.cgroup.appending("unified")] {
            if (try? TextFile.read(root.appending("cgroup.controllers"))) != nil { return root }
        }
        return nil
    }

    /// A number of bytes; nil for `max` and for what cannot be read.
    private static func limit(_ path: FilePath) -> UInt64? {
        (try? TextFile.line(path)).flatMap { UInt64($0) }
    }
}
