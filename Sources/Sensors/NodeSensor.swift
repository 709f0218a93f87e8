import SystemPackage
public import Wire

/// Memory of each NUMA node, from `/sys/devices/system/node`.
public enum NodeSensor {
    /// Every online node that can be read, in order; none where the kernel has no NUMA support.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> [NodeMemory] {
        let folder = roots.sys.appending("devices/system/node")
        guard let online = try? TextFile.line(folder.appending("online")) else { return [] }
        return list(online).compactMap { node in
            guard let bytes = try? TextFile.read(folder.appending("node\(node)/meminfo")) else { return nil }
            return parse(bytes, node: node)
        }
    }

    static func parse(_ bytes: [UInt8], node: UInt32) -> NodeMemory? {
        let table = NumberTable(bytes, dropping: "Node \(node) ")
        guard let total = table["MemTotal"], let free = table["MemFree"] else { return nil }
        return NodeMemory(
            node: node, totalBytes: total, freeBytes: free, fileBytes: table["FilePages"] ?? 0,
            anonymousBytes: table["AnonPages"] ?? 0)
    }

    /// The numbers of a list such as `0-2,5`. Linux has at most 1,024 nodes; what lies beyond is dropped.
    static func list(_ text: String) -> [UInt32] {
        var nodes: Set<UInt32> = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = ends.first.flatMap({ UInt32($0) }), let last = ends.last.flatMap({ UInt32($0) }),
                first <= last, first < 1024
            else { continue }
            nodes.formUnion(first...min(last, 1023))
        }
        return nodes.sorted()
    }
}
