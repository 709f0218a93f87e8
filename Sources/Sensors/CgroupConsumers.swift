import SystemPackage

/// Which cgroups use the memory: the answer to "what is eating this guest?".
///
/// A cgroup whose memory is mostly that of a few cgroups below it is told as these; one whose memory is spread over many
/// small ones, or its own, is told as a whole. So services, scopes and containers come out, not the slices around them,
/// and nothing is told twice. What a cgroup holds beside those below it that are told (page cache of services that ended
/// is charged to the slice around them) is told as its remainder where it is large.
public struct CgroupConsumers: Sendable, Hashable {
    /// How far to look.
    public struct Bounds: Sendable, Hashable {
        /// How many cgroups are told at most.
        public var reported = 64
        /// How many cgroups are looked at at most; the largest of each level come first.
        public var visited = 2000
        /// How deep below the root.
        public var depth = 16
        /// What uses less is not told on its own, in bytes.
        public var minimumBytes: UInt64 = 4 << 20
        /// The top-level slice of our own holders, told apart.
        public var holderSlice = "ballastholders.slice"

        /// The usual bounds.
        public init() {}
    }

    /// 1 or 2; 0 where no cgroup has the memory controller.
    public var version = 0
    /// The consumers, largest first.
    public var consumers: [CgroupUse] = []
    /// How many cgroups that use memory were not told for want of room.
    public var leftOut = 0
    /// Whether there were more cgroups than may be looked at.
    public var isCut = false
    /// What our own holders' slice uses; nil where it is not there. It is in no consumer.
    public var holders: CgroupUse?

    /// Nothing.
    public init() {}

    /// Walks the hierarchy. Costs a few file reads for each cgroup looked at: for a question, or every few minutes.
    public static func read(_ roots: SensorRoots = SensorRoots(), bounds: Bounds = Bounds()) -> CgroupConsumers {
        guard let hierarchy = CgroupHierarchy.memory(roots) else { return CgroupConsumers() }
        var walk = Walk(reader: CgroupReader(hierarchy: hierarchy, roots: roots), bounds: bounds)
        return walk.run()
    }

    /// One cgroup on the way.
    private struct Node {
        let path: String
        let folder: FilePath
        let currentBytes: UInt64
        let parent: Int?
        var children: [Int] = []
    }

    private struct Walk {
        let reader: CgroupReader
        let bounds: Bounds
        var nodes: [Node] = []
        var result = CgroupConsumers()
        /// Limits found so far, by node.
        var limits: [Int: UInt64?] = [:]

        mutating func run() -> CgroupConsumers {
            result.version = reader.hierarchy.version
            let root = reader.hierarchy.root
            nodes = [Node(path: "/", folder: root, currentBytes: reader.current(root) ?? .max, parent: nil)]
            descend()
            var chosen: [(node: Int, without: [Int])] = []
            select(0, &chosen)
            chosen.sort { weight($0) > weight($1) }
            result.leftOut = max(0, chosen.count - max(0, bounds.reported))
            var uses: [CgroupUse] = []
            for (node, others) in chosen.prefix(max(0, bounds.reported)) {
                let use = reader.use(nodes[node].path, nodes[node].folder)
                var rest =
                    others.isEmpty
                    ? use : use.without(others.map { reader.use(nodes[$0].path, nodes[$0].folder) })
                rest.limitBytes = limit(node)
                // Between the first look and this one a cgroup may have ended.
                if rest.currentBytes > 0 { uses.append(rest) }
            }
            result.consumers = uses.sorted { ($0.currentBytes, $1.path) > ($1.currentBytes, $0.path) }
            return result
        }

        /// Level by level, the largest first, so that a tree with too many cgroups loses its small and deep ones.
        private mutating func descend() {
            var level = [0]
            for depth in 0..<max(1, bounds.depth) where !level.isEmpty {
                var next: [Int] = []
                for parent in level.sorted(by: { nodes[$0].currentBytes > nodes[$1].currentBytes }) {
                    let room = bounds.visited - nodes.count
                    guard room > 0 else {
                        result.isCut = true
                        return
                    }
                    let names = Folder.names(in: nodes[parent].folder, onlyFolders: true, limit: room + 1)
                    if names.count > room { result.isCut = true }
                    for name in names.prefix(room) {
                        if let child = add(name, to: parent, depth: depth) { next.append(child) }
                    }
                }
                level = next
            }
            if !level.isEmpty { result.isCut = true }
        }

        private mutating func add(_ name: String, to parent: Int, depth: Int) -> Int? {
            let folder = nodes[parent].folder.appending(name)
            let path = (parent == 0 ? "/" : nodes[parent].path + "/") + name
            // Without a number it is no cgroup, or one without the memory controller.
            guard let current = reader.current(folder) else { return nil }
            if depth == 0, name == bounds.holderSlice {
                result.holders = reader.use(path, folder)
                return nil
            }
            nodes.append(Node(path: path, folder: folder, currentBytes: current, parent: parent))
            nodes[parent].children.append(nodes.count - 1)
            // In version 2 a cgroup is charged for those below it; in version 1 only where it was told to.
            return reader.hierarchy.version == 1 || current >= bounds.minimumBytes ? nodes.count - 1 : nil
        }

        /// The tightest limit of a cgroup and those around it.
        private mutating func limit(_ index: Int) -> UInt64? {
            if let known = limits[index] { return known }
            let found = [reader.limit(nodes[index].folder), nodes[index].parent.flatMap { limit($0) }]
                .compactMap { $0 }.min()
            limits[index] = .some(found)
            return found
        }

        /// Chooses the cgroups to tell at or below a node, and returns them.
        @discardableResult
        private func select(_ index: Int, _ chosen: inout [(node: Int, without: [Int])]) -> [Int] {
            let node = nodes[index]
            let isRoot = index == 0
            let large = node.children.filter {
                nodes[$0].currentBytes >= bounds.minimumBytes
                    && nodes[$0].currentBytes >= (isRoot ? 0 : node.currentBytes / 20)
            }
            let explained = large.reduce(UInt64(0)) { $0.adding(nodes[$1].currentBytes) }
            guard !large.isEmpty, isRoot || explained >= node.currentBytes / 2 else {
                guard isRoot || node.currentBytes >= bounds.minimumBytes else { return [] }
                // A guest without services: all its processes are in the root.
                chosen.append((index, []))
                return [index]
            }
            var told: [Int] = []
            for child in large { told += select(child, &chosen) }
            let rest = node.currentBytes.less(told.reduce(UInt64(0)) { $0.adding(nodes[$1].currentBytes) })
            // The root of version 2 has no number of its own.
            if !isRoot, rest >= max(bounds.minimumBytes.multiplied(8), node.currentBytes / 20) {
                chosen.append((index, told))
                return [index]
            }
            return told
        }

        private func weight(_ choice: (node: Int, without: [Int])) -> UInt64 {
            nodes[choice.node].currentBytes.less(choice.without.reduce(UInt64(0)) { $0.adding(nodes[$1].currentBytes) })
        }
    }
}
