public import SystemPackage

/// Where the cgroups' memory numbers are: in version 2, or, on older and hybrid systems, in version 1's memory
/// controller.
public struct CgroupHierarchy: Sendable, Hashable {
    /// 1 or 2.
    public let version: Int
    /// The folder of the root cgroup.
    public let root: FilePath

    /// Finds the hierarchy that has the memory controller; nil where none has.
    public static func memory(_ roots: SensorRoots = SensorRoots()) -> CgroupHierarchy? {
        if let root = unified(roots), controllers(root).contains("memory") {
            return CgroupHierarchy(version: 2, root: root)
        }
        // Version 1 has one folder for each controller; some systems mount several together under one name.
        for name in ["memory", "cpu,memory", "memory,cpu"] {
            let folder = roots.cgroup.appending(name)
            if (try? TextFile.line(folder.appending("memory.usage_in_bytes"))) != nil {
                return CgroupHierarchy(version: 1, root: folder)
            }
        }
        return nil
    }

    /// Where version 2 is mounted, with or without controllers: at the root given, or beside version 1.
    static func unified(_ roots: SensorRoots) -> FilePath? {
        for root in [roots.cgroup, roots.cgroup.appending("unified")] {
            if (try? TextFile.read(root.appending("cgroup.controllers"), limit: 4096)) != nil { return root }
        }
        return nil
    }

    private static func controllers(_ root: FilePath) -> [String] {
        guard let line = try? TextFile.line(root.appending("cgroup.controllers")) else { return [] }
        return line.split(separator: " ").map(String.init)
    }

    /// The folder of a cgroup by its path below the root; nil where the path leaves the hierarchy.
    func folder(_ path: String) -> FilePath? {
        Self.components(path).map { $0.reduce(root) { $0.appending($1) } }
    }

    /// The names in a path, from the root down; nil where it climbs out of the hierarchy or is deeper than any.
    static func components(_ path: String) -> [String]? {
        let names = path.split(separator: "/").filter { $0 != "." }.map(String.init)
        // The kernel allows no more nesting than fits into a path.
        guard names.count <= 256, !names.contains("..") else { return nil }
        return names
    }
}
