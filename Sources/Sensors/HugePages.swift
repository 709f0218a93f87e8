import SystemPackage

/// Huge pages: the transparent ones' settings and the pools of the explicit ones, from sysfs.
public struct HugePages: Sendable, Hashable {
    /// Settings of transparent huge pages.
    public struct Transparent: Sendable, Hashable {
        /// `always`, `madvise` or `never`.
        public var enabled: String
        /// What a fault does where no huge page is free: `always`, `defer`, `defer+madvise`, `madvise` or `never`.
        public var defrag: String
        /// The size of one, in bytes.
        public var pageBytes: UInt64

        /// Whether memory with `MADV_HUGEPAGE` gets them.
        public var isUsable: Bool { enabled == "always" || enabled == "madvise" }
    }

    /// A pool of explicit huge pages of one size.
    public struct Pool: Sendable, Hashable {
        /// The size of one page, in bytes.
        public var pageBytes: UInt64
        /// The NUMA node; nil for the sum of all.
        public var node: UInt32?
        /// Pages in the pool.
        public var pages: UInt64
        /// Of these nobody uses.
        public var freePages: UInt64
        /// Of the free ones promised already; 0 for a node, where the kernel does not tell.
        public var reservedPages: UInt64
        /// Of the pages those beyond the pool's configured size.
        public var surplusPages: UInt64

        /// Memory in use, in bytes.
        public var usedBytes: UInt64 { pages.less(freePages).multiplied(pageBytes) }
        /// Memory that nobody uses and nobody was promised, in bytes.
        public var idleBytes: UInt64 { freePages.less(reservedPages).multiplied(pageBytes) }
    }

    /// The transparent ones; nil where the kernel has none.
    public var transparent: Transparent?
    /// Pools by page size, ascending; empty where the kernel has none.
    public var pools: [Pool]
    /// Pools of each node, by node and page size.
    public var nodePools: [Pool]

    /// Reads the settings and the pools; what is not there is left out.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> HugePages {
        let kernel = roots.sys.appending("kernel/mm")
        var pages = HugePages(
            transparent: transparent(kernel.appending("transparent_hugepage")),
            pools: pools(kernel.appending("hugepages"), node: nil), nodePools: [])
        guard !pages.pools.isEmpty else { return pages }
        let nodes = roots.sys.appending("devices/system/node")
        guard let online = try? TextFile.line(nodes.appending("online")) else { return pages }
        for node in NodeSensor.list(online) {
            pages.nodePools += pools(nodes.appending("node\(node)/hugepages"), node: node)
        }
        return pages
    }

    private static func transparent(_ folder: FilePath) -> Transparent? {
        guard let enabled = (try? TextFile.line(folder.appending("enabled"))).flatMap(chosen) else { return nil }
        return Transparent(
            enabled: enabled, defrag: (try? TextFile.line(folder.appending("defrag"))).flatMap(chosen) ?? "",
            pageBytes: number(folder.appending("hpage_pmd_size")) ?? 2 << 20)
    }

    /// The word in brackets of `always [madvise] never`.
    static func chosen(_ line: String) -> String? {
        line.split(separator: " ").first { $0.hasPrefix("[") && $0.hasSuffix("]") && $0.utf8.count > 2 }
            .map { String($0.dropFirst().dropLast()) }
    }

    private static func pools(_ folder: FilePath, node: UInt32?) -> [Pool] {
        // x86 has two sizes, other machines a few more.
        Folder.names(in: folder, onlyFolders: true, limit: 16) { $0.hasPrefix("hugepages-") && $0.hasSuffix("kB") }
            .compactMap { name in
                guard let kibibytes = UInt64(name.dropFirst(10).dropLast(2)), kibibytes > 0,
                    let pages = number(folder.appending(name).appending("nr_hugepages"))
                else { return nil }
                func count(_ file: String) -> UInt64 { number(folder.appending(name).appending(file)) ?? 0 }
                return Pool(
                    pageBytes: kibibytes.multiplied(1024), node: node, pages: pages, freePages: count("free_hugepages"),
                    reservedPages: count("resv_hugepages"), surplusPages: count("surplus_hugepages"))
            }
            .sorted { $0.pageBytes < $1.pageBytes }
    }

    private static func number(_ file: FilePath) -> UInt64? {
        (try? TextFile.line(file)).flatMap { UInt64($0) }
    }
}
