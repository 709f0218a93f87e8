import SystemPackage
import Testing

@testable import Sensors

private let mebibyte: UInt64 = 1 << 20
private let page: UInt64 = 4096

@Suite("Free blocks, huge pages and swap")
struct BlockAndSwapTests {
    @Test("Free memory is told by what can be had in 2 MiB", arguments: KernelFixture.allCases)
    func blocks(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        let blocks = try BuddyInfo.read(tree.roots)
        #expect(blocks.zones.map(\.name) == ["DMA", "DMA32", "Normal"])
        #expect(!blocks.knowsMobility)
        let zone = blocks.zones[1]
        #expect(zone.hugeBytes == (9 + 2 * 90) * 2 * mebibyte)
        let small: UInt64 = (100 + 50 * 2 + 20 * 4 + 10 * 8 + 5 * 16 + 4 * 32 + 3 * 64 + 2 * 128 + 4 * 256) * page
        #expect(zone.smallBytes == small)
        #expect(zone.freeBytes == zone.hugeBytes + small)
        #expect(zone.joinableBytes == small / (2 * mebibyte) * 2 * mebibyte)
        #expect(blocks.onNode(1).zones.isEmpty && blocks.onNode(0) == blocks)
    }

    @Test("What compaction could join leaves out areas of immovable memory")
    func mobility() throws {
        let tree = try FixtureTree(KernelFixture.v6_12.files)
        let blocks = try BuddyInfo.read(tree.roots, mobility: true)
        #expect(blocks.knowsMobility)
        // DMA: one block of 1 MiB, in an immovable area.
        #expect(blocks.zones[0].joinableBytes == 0)
        let orders: [UInt64] = [3000, 2900, 1500, 600, 300, 200, 100, 50, 20]
        let small = orders.enumerated().reduce(UInt64(0)) { $0 + ($1.element << UInt64($1.offset)) * page }
        #expect(blocks.zones[2].joinableBytes == small / (2 * mebibyte) * 2 * mebibyte)
        #expect(blocks.joinableBytes == blocks.zones.reduce(0) { $0 + $1.joinableBytes })
        // CMA is movable as well.
        #expect(blocks.zones[1].movableBlocks?.last == 90)
    }

    @Test("Block counts that the kernel stopped counting, garbage and missing files never trap")
    func blockGarbage() throws {
        let tree = try FixtureTree()
        #expect(throws: SensorError.self) { try BuddyInfo.read(tree.roots) }
        for text in ["", "Node", "Node 0, zone", "Node 0, zone DMA\n", "Node x, zone DMA 1\n", "\u{0}\n"] {
            try tree.write("proc/buddyinfo", text)
            #expect(throws: SensorError.self) { try BuddyInfo.read(tree.roots) }
        }
        let most = Array(repeating: "18446744073709551615", count: 64).joined(separator: " ")
        try tree.write(
            "proc/buddyinfo", "Node 0, zone Normal \(most)\nNode 1, zone Normal x 1 -1 99999999999999999999\n")
        let blocks = try BuddyInfo.read(tree.roots)
        #expect(blocks.zones[0].freeBytes == .max && blocks.zones[0].blocks.count == 32)
        #expect(blocks.zones[1].blocks == [0, 1, 0, 0])
        _ = (blocks.hugeBytes, blocks.smallBytes, blocks.joinableBytes)
        try tree.write(
            "proc/pagetypeinfo",
            """
            Node 0, zone Normal, type Movable >100000 2
            Node 0, zone Normal, type
            Node 0, zone Normal, type Movable
            Node 7, zone Normal, type Movable 1
            Node 0, zone Normal, kind Movable 1

            """)
        #expect(try BuddyInfo.read(tree.roots, mobility: true).zones[0].movableBlocks == [100_000, 2])
    }

    @Test("Settings and pools of huge pages are read", arguments: KernelFixture.allCases)
    func hugePages(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        let pages = HugePages.read(tree.roots)
        #expect(pages.transparent?.enabled == "madvise" && pages.transparent?.defrag == "madvise")
        #expect(pages.transparent?.pageBytes == 2 * mebibyte && pages.transparent?.isUsable == true)
        #expect(pages.pools.map(\.pageBytes) == [2 * mebibyte, 1024 * mebibyte])
        let pool = pages.pools[0]
        #expect(pool.pages == 8 && pool.freePages == 6 && pool.reservedPages == 1 && pool.node == nil)
        #expect(pool.usedBytes == 4 * mebibyte && pool.idleBytes == 10 * mebibyte)
        #expect(pages.nodePools.map(\.node) == [0, 0])
        #expect(pages.nodePools[0].idleBytes == 12 * mebibyte)
    }

    @Test("Without huge pages, and with garbage in their place, nothing is told")
    func noHugePages() throws {
        let tree = try FixtureTree(["sys/kernel/mm/transparent_hugepage/enabled": "always madvise [] never\n"])
        #expect(HugePages.read(tree.roots) == HugePages(transparent: nil, pools: [], nodePools: []))
        for name in ["hugepages-kB", "hugepages-0kB", "hugepages-99999999999999999999kB", "hugepages-xkB"] {
            try tree.write("sys/kernel/mm/hugepages/\(name)/nr_hugepages", "1\n")
        }
        try tree.write(
            "sys/kernel/mm/hugepages/hugepages-18446744073709551615kB/nr_hugepages", "18446744073709551615\n")
        let pages = HugePages.read(tree.roots)
        #expect(pages.pools.map(\.usedBytes) == [.max])
    }

    @Test("Swap areas, zswap and zram are read", arguments: KernelFixture.allCases)
    func swap(kernel: KernelFixture) throws {
        let tree = try FixtureTree(kernel.files)
        let swap = SwapInfo.read(tree.roots)
        #expect(swap.areas.map(\.path) == ["/dev/zram0", "/swap file"])
        #expect(swap.areas.map(\.kind) == ["partition", "file"])
        #expect(swap.areas.map(\.priority) == [100, -2])
        #expect(swap.areas.map(\.isZram) == [true, false])
        #expect(swap.areas[0].totalBytes == 524_284 << 10 && swap.areas[0].usedBytes == 100_000 << 10)
        #expect(swap.hasDisk)
        #expect(swap.zswap?.isEnabled == true && swap.zswap?.compressor == "lzo-rle")
        #expect(swap.zswap?.maximumPoolPercent == 20)
        #expect(swap.zswap?.shrinks == (kernel == .v6_12 ? false : nil))
        #expect(swap.zram.map(\.name) == ["zram0"])
        #expect(swap.zram[0].compressedBytes == 100_000_000 && swap.zram[0].limitBytes == 0)
        #expect(swap.zramUsedBytes == 110_000_000 && swap.zramStoredBytes == 400_000_000)
    }

    @Test("Garbage in the files of swap never traps")
    func swapGarbage() throws {
        let tree = try FixtureTree()
        #expect(SwapInfo.read(tree.roots) == SwapInfo())
        let heading = "Filename Type Size Used Priority\n"
        for line in [
            "", "x", "\\", "\\04 file 1 1 1", "a file -1 1 1", "a file 1",
            "\\777\\400\\ file 18446744073709551615 1 99999999999",
        ] {
            try tree.write("proc/swaps", heading + line + "\n")
            _ = SwapInfo.read(tree.roots).areas
        }
        #expect(SwapInfo.areas(Array((heading + "\\401 file 1 1 -5\n").utf8)).map(\.path) == ["\\401"])
        #expect(
            SwapInfo.areas(Array((heading + "a\\134b\\04 f 18446744073709551615 1 x\n").utf8)).map(\.path) == [
                "a\\b\\04"
            ])
        for text in ["", "\n", "1 2 3", "x y z w"] {
            try tree.write("sys/block/zram0/mm_stat", text)
            _ = SwapInfo.read(tree.roots).zram
        }
    }
}
