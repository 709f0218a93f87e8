import SystemPackage

/// Memory of one NUMA node, from `/sys/devices/system/node`, in bytes. What a kernel does not tell is 0.
public struct NodeInfo: Sendable, Hashable {
    /// The node's number.
    public var node: UInt32
    /// MemTotal.
    public var total: UInt64 = 0
    /// MemFree.
    public var free: UInt64 = 0
    /// FilePages, which includes shmem.
    public var file: UInt64 = 0
    /// AnonPages.
    public var anonymous: UInt64 = 0
    /// Shmem.
    public var shmem: UInt64 = 0
    /// Active(anon), shmem included.
    public var activeAnonymous: UInt64 = 0
    /// Inactive(anon), shmem included.
    public var inactiveAnonymous: UInt64 = 0
    /// Active(file).
    public var activeFile: UInt64 = 0
    /// Inactive(file).
    public var inactiveFile: UInt64 = 0
    /// Unevictable.
    public var unevictable: UInt64 = 0
    /// Dirty.
    public var dirty: UInt64 = 0
    /// SReclaimable.
    public var slabReclaimable: UInt64 = 0
    /// AnonHugePages.
    public var anonymousHuge: UInt64 = 0

    /// A node without memory.
    public init(node: UInt32) { self.node = node }

    /// Every online node that can be read, in order; none where the kernel has no NUMA support.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> [NodeInfo] {
        let folder = roots.sys.appending("devices/system/node")
        guard let online = try? TextFile.line(folder.appending("online")) else { return [] }
        return NodeSensor.list(online).compactMap { node in
            guard let bytes = try? TextFile.read(folder.appending("node\(node)/meminfo")) else { return nil }
            return parse(bytes, node: node)
        }
    }

    static func parse(_ bytes: [UInt8], node: UInt32) -> NodeInfo? {
        let table = NumberTable(bytes, dropping: "Node \(node) ")
        guard let total = table["MemTotal"], let free = table["MemFree"] else { return nil }
        var info = NodeInfo(node: node)
        info.total = total
        info.free = free
        info.file = table["FilePages"] ?? 0
        info.anonymous = table["AnonPages"] ?? 0
        info.shmem = table["Shmem"] ?? 0
        info.activeAnonymous = table["Active(anon)"] ?? 0
        info.inactiveAnonymous = table["Inactive(anon)"] ?? 0
        info.activeFile = table["Active(file)"] ?? 0
        info.inactiveFile = table["Inactive(file)"] ?? 0
        info.unevictable = table["Unevictable"] ?? 0
        info.dirty = table["Dirty"] ?? 0
        info.slabReclaimable = table["SReclaimable"] ?? 0
        info.anonymousHuge = table["AnonHugePages"] ?? 0
        return info
    }
}
