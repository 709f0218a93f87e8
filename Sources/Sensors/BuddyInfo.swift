import SystemPackage

/// `/proc/buddyinfo` and `/proc/pagetypeinfo`: how the free memory of each zone lies in blocks, and so how much of it
/// can be had in pieces of 2 MiB now, or after compaction.
public struct BuddyInfo: Sendable, Hashable {
    /// One zone of one node.
    public struct Zone: Sendable, Hashable {
        /// The NUMA node.
        public var node: UInt32
        /// The kernel's name: `DMA`, `DMA32`, `Normal`, `Movable`, `Device`.
        public var name: String
        /// Free blocks by order: the size of a block is 4 KiB shifted left by its index.
        public var blocks: [UInt64]
        /// Free blocks by order in areas that hold movable memory (and that of CMA), of which compaction can make
        /// larger ones; nil where the kernel does not tell (`/proc/pagetypeinfo` is root's).
        public var movableBlocks: [UInt64]?

        /// All free memory, in bytes.
        public var freeBytes: UInt64 { BuddyInfo.bytes(blocks, from: 0) }
        /// Free memory in blocks of 2 MiB and more, in bytes.
        public var hugeBytes: UInt64 { BuddyInfo.bytes(blocks, from: BuddyInfo.hugeOrder) }
        /// Free memory in smaller blocks, in bytes.
        public var smallBytes: UInt64 { freeBytes.less(hugeBytes) }
        /// What compaction could still join into blocks of 2 MiB at best, in bytes, in whole blocks. Where the kernel
        /// does not tell in what areas the small blocks lie it is an upper bound; see `BuddyInfo.knowsMobility`.
        public var joinableBytes: UInt64 {
            let counts = movableBlocks ?? blocks
            let small = BuddyInfo.bytes(counts, from: 0).less(BuddyInfo.bytes(counts, from: BuddyInfo.hugeOrder))
            return small - small % BuddyInfo.hugeBlock
        }
    }

    /// The order of a block of 2 MiB.
    static let hugeOrder = 9
    /// 2 MiB.
    static let hugeBlock: UInt64 = 2 << 20

    /// Every populated zone of every node.
    public var zones: [Zone]

    /// Free memory in blocks of 2 MiB and more, in bytes.
    public var hugeBytes: UInt64 { zones.reduce(0) { $0.adding($1.hugeBytes) } }
    /// Free memory in smaller blocks, in bytes.
    public var smallBytes: UInt64 { zones.reduce(0) { $0.adding($1.smallBytes) } }
    /// What compaction could still join into blocks of 2 MiB at best, in bytes.
    public var joinableBytes: UInt64 { zones.reduce(0) { $0.adding($1.joinableBytes) } }
    /// Whether `joinableBytes` leaves out the areas of immovable memory.
    public var knowsMobility: Bool { !zones.isEmpty && zones.allSatisfy { $0.movableBlocks != nil } }

    /// The zones of one node.
    public func onNode(_ node: UInt32) -> BuddyInfo { BuddyInfo(zones: zones.filter { $0.node == node }) }

    /// Reads `/proc/buddyinfo`.
    /// - Parameter mobility: read `/proc/pagetypeinfo` as well, where it is readable. The kernel walks its free lists
    ///   under the zone's lock for that one: for a look before compaction, not for every report.
    public static func read(
        _ roots: SensorRoots = SensorRoots(), mobility: Bool = false
    ) throws(SensorError) -> BuddyInfo {
        let path = roots.proc.appending("buddyinfo")
        var info = parse(try TextFile.read(path))
        guard !info.zones.isEmpty else { throw SensorError(.malformed, path: path, field: "zone") }
        if mobility, let bytes = try? TextFile.read(roots.proc.appending("pagetypeinfo")) { info.note(bytes) }
        return info
    }

    /// Lines such as `Node 0, zone   Normal   9873   4815 ...`.
    static func parse(_ bytes: [UInt8]) -> BuddyInfo {
        BuddyInfo(
            zones: KernelText.lines(bytes).compactMap { line in
                guard let (node, name, rest) = start(KernelText.words(line)), !rest.isEmpty else { return nil }
                return Zone(node: node, name: name, blocks: counts(rest))
            })
    }

    /// Lines such as `Node    0, zone   Normal, type      Movable   7936   4333 ...`. A kernel stops counting at
    /// 100,000 blocks and writes `>100000`.
    private mutating func note(_ bytes: [UInt8]) {
        for line in KernelText.lines(bytes) {
            guard let (node, name, rest) = Self.start(KernelText.words(line)), rest.count > 2,
                let kind = rest.first, kind.elementsEqual("type".utf8),
                let index = zones.firstIndex(where: { $0.node == node && $0.name == name })
            else { continue }
            var sums = zones[index].movableBlocks ?? []
            let type = KernelText.text(rest[rest.startIndex + 1])
            let isMovable = type == "Movable" || type == "CMA"
            for (order, count) in Self.counts(rest.dropFirst(2)).enumerated() {
                if sums.count <= order { sums.append(0) }
                if isMovable { sums[order] = sums[order].adding(count) }
            }
            zones[index].movableBlocks = sums
        }
    }

    /// `Node 0, zone NAME` and what follows; nil for another line.
    private static func start(
        _ words: [ArraySlice<UInt8>]
    ) -> (node: UInt32, name: String, rest: ArraySlice<ArraySlice<UInt8>>)? {
        func bare(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            word.last == UInt8(ascii: ",") ? word.dropLast() : word
        }
        guard words.count > 4, words[0].elementsEqual("Node".utf8), words[2].elementsEqual("zone".utf8),
            let node = KernelText.number(bare(words[1])).flatMap({ UInt32(exactly: $0) })
        else { return nil }
        return (node, KernelText.text(bare(words[3])), words[4...])
    }

    /// At most 32 numbers; no kernel has as many orders.
    private static func counts(_ words: ArraySlice<ArraySlice<UInt8>>) -> [UInt64] {
        words.prefix(32).map { word in
            KernelText.number(word.first == UInt8(ascii: ">") ? word.dropFirst() : word) ?? 0
        }
    }

    private static func bytes(_ blocks: [UInt64], from order: Int) -> UInt64 {
        blocks.indices.dropFirst(order).reduce(0) { $0.adding(blocks[$1].multiplied(4096 << UInt64($1))) }
    }
}
