import SystemPackage
public import Wire

/// The memory of each NUMA node as the host is told.
public enum NodeSensor {
    /// Every online node that can be read, in order; none where the kernel has no NUMA support.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> [NodeMemory] {
        NodeInfo.read(roots).map { info in
            NodeMemory(
                node: info.node, totalBytes: info.total, freeBytes: info.free, fileBytes: info.file,
                anonymousBytes: info.anonymous)
        }
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
