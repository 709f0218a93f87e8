import SystemPackage

/// `/proc/zoneinfo`: the page allocator's zones, in bytes.
public struct ZoneInfo: Sendable, Hashable {
    /// One zone of one node.
    public struct Zone: Sendable, Hashable {
        /// The NUMA node.
        public var node: UInt32
        /// The kernel's name: `DMA`, `DMA32`, `Normal`, `Movable`, `Device`.
        public var name: String
        /// Free memory, that of CMA included.
        public var free: UInt64 = 0
        /// The minimum watermark.
        public var minimum: UInt64 = 0
        /// The low watermark.
        public var low: UInt64 = 0
        /// The high watermark.
        public var high: UInt64 = 0
        /// Physical memory present.
        public var present: UInt64 = 0
        /// Memory that the page allocator manages.
        public var managed: UInt64 = 0
        /// Memory of the contiguous memory allocator, free or not.
        public var cma: UInt64 = 0
        /// Free memory of the contiguous memory allocator.
        public var freeCMA: UInt64 = 0
        /// File pages on the inactive list.
        public var inactiveFile: UInt64 = 0
        /// File pages on the active list.
        public var activeFile: UInt64 = 0
        /// Kept back from allocations that could use this node's zone Normal.
        public var reserve: UInt64 = 0
        /// Kept back from allocations for each zone of the node in turn.
        var protection: [UInt64] = []
    }

    /// Every zone of every node, empty ones included.
    public var zones: [Zone]

    /// Whether the guest has ZONE_MOVABLE.
    public var hasMovable: Bool { zones.contains { $0.name == "Movable" && $0.managed > 0 } }

    /// Memory of the contiguous memory allocator, in bytes.
    public var cmaBytes: UInt64 { zones.reduce(0) { $0.addingReportingOverflow($1.cma).partialValue } }

    /// Reads the file.
    public static func read(_ roots: SensorRoots = SensorRoots()) throws(SensorError) -> ZoneInfo {
        let path = roots.proc.appending("zoneinfo")
        let info = parse(try TextFile.read(path, limit: 16 << 20))
        guard !info.zones.isEmpty else { throw SensorError(.malformed, path: path, field: "zone") }
        return info
    }

    static func parse(_ bytes: [UInt8]) -> ZoneInfo {
        var zones: [Zone] = []
        // Numbers of the processors' page sets carry the same names as the watermarks.
        var inPageSets = false
        for line in KernelText.lines(bytes) {
            let words = KernelText.words(line)
            if words.count == 4, words[0].elementsEqual("Node".utf8), words[2].elementsEqual("zone".utf8) {
                inPageSets = false
                let number = words[1].last == UInt8(ascii: ",") ? words[1].dropLast() : words[1]
                guard let node = KernelText.number(number).flatMap({ UInt32(exactly: $0) }) else { continue }
                zones.append(Zone(node: node, name: KernelText.text(words[3])))
            } else if let first = words.first, first.elementsEqual("pagesets".utf8) {
                inPageSets = true
            } else if !inPageSets, !zones.isEmpty {
                note(words, in: &zones[zones.count - 1])
            }
        }
        reserve(&zones)
        return ZoneInfo(zones: zones)
    }

    private static func note(_ words: [ArraySlice<UInt8>], in zone: inout Zone) {
        if let first = words.first, first.elementsEqual("protection:".utf8) {
            zone.protection = words.dropFirst().map { word in
                let digits = word.drop { $0 == UInt8(ascii: "(") }
                    .prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ")") }
                return pages(digits) ?? 0
            }
            return
        }
        guard words.count >= 2, let value = pages(words[words.count - 1]) else { return }
        switch KernelText.text(words[words.count - 2]) {
        case "free" where words[0].elementsEqual("pages".utf8): zone.free = value
        case "min": zone.minimum = value
        case "low": zone.low = value
        case "high": zone.high = value
        case "present": zone.present = value
        case "managed": zone.managed = value
        case "cma": zone.cma = value
        case "nr_free_cma": zone.freeCMA = value
        case "nr_zone_inactive_file": zone.inactiveFile = value
        case "nr_zone_active_file": zone.activeFile = value
        default: return
        }
    }

    /// The protection array has one entry for each zone of a node, in the order in which the file lists them.
    private static func reserve(_ zones: inout [Zone]) {
        var normal: [UInt32: Int] = [:]
        var count: [UInt32: Int] = [:]
        for zone in zones {
            if zone.name == "Normal" { normal[zone.node] = count[zone.node, default: 0] }
            count[zone.node, default: 0] += 1
        }
        for index in zones.indices {
            guard let place = normal[zones[index].node], zones[index].protection.indices.contains(place) else {
                continue
            }
            zones[index].reserve = zones[index].protection[place]
        }
    }

    /// A number of 4 KiB pages as bytes; nil for anything else.
    private static func pages(_ word: ArraySlice<UInt8>) -> UInt64? {
        guard let pages = KernelText.number(word) else { return nil }
        let (bytes, overflow) = pages.multipliedReportingOverflow(by: 4096)
        return overflow ? nil : bytes
    }
}
