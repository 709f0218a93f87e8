import SystemPackage

/// Guests as the kernels of several releases show themselves: the same guest, with the fields that each release has.
enum KernelFixture: String, CaseIterable, Sendable {
    /// Debian 11, cgroup version 1 (`systemd.unified_cgroup_hierarchy=0`), with the unified hierarchy beside it.
    case v5_10_cgroup1
    /// Debian 11.
    case v5_10
    /// Ubuntu 22.04, Rocky 9's neighbour.
    case v5_15
    /// Debian 12.
    case v6_1
    /// Debian 12 with its backports' kernel.
    case v6_12

    private var release: Int {
        switch self {
        case .v5_10_cgroup1, .v5_10: 510
        case .v5_15: 515
        case .v6_1: 601
        case .v6_12: 612
        }
    }

    /// Whether meminfo tells zswap, and memory.stat the sum of the kernel's memory.
    var tellsZswap: Bool { release >= 601 }

    /// Every file, by its path below the root of a `FixtureTree`.
    var files: [String: String] {
        var files = [
            "proc/meminfo": meminfo, "proc/vmstat": vmstat, "proc/zoneinfo": zoneinfo, "proc/buddyinfo": Self.buddyinfo,
            "proc/pagetypeinfo": Self.pagetypeinfo, "proc/swaps": Self.swaps,
            "proc/pressure/memory":
                "some avg10=1.50 avg60=0.20 avg300=0.00 total=250000\nfull avg10=0.75 avg60=0.10 avg300=0.00 total=90000\n",
            "proc/self/cgroup": selfCgroup,
            "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
            "sys/kernel/mm/transparent_hugepage/defrag": "always defer defer+madvise [madvise] never\n",
            "sys/kernel/mm/transparent_hugepage/hpage_pmd_size": "2097152\n",
            "sys/module/zswap/parameters/enabled": "Y\n", "sys/module/zswap/parameters/compressor": "lzo-rle\n",
            "sys/module/zswap/parameters/max_pool_percent": "20\n",
            "sys/devices/system/node/online": "0\n", "sys/devices/system/node/node0/meminfo": node0,
            "sys/block/vda/size": "41943040\n", "sys/block/zram0/mm_stat": zramStat,
        ]
        if release >= 608 { files["sys/module/zswap/parameters/shrinker_enabled"] = "N\n" }
        for (size, pages, free) in [("2048kB", 8, 6), ("1048576kB", 0, 0)] {
            for folder in ["sys/kernel/mm/hugepages", "sys/devices/system/node/node0/hugepages"] {
                files["\(folder)/hugepages-\(size)/nr_hugepages"] = "\(pages)\n"
                files["\(folder)/hugepages-\(size)/free_hugepages"] = "\(free)\n"
                files["\(folder)/hugepages-\(size)/surplus_hugepages"] = "0\n"
            }
            files["sys/kernel/mm/hugepages/hugepages-\(size)/resv_hugepages"] = "\(free / 6)\n"
            files["sys/kernel/mm/hugepages/hugepages-\(size)/nr_overcommit_hugepages"] = "0\n"
        }
        return files.merging(cgroups) { first, _ in first }
    }

    private var meminfo: String {
        var lines = [
            "MemTotal:        4020000 kB", "MemFree:         1000000 kB", "MemAvailable:    2500000 kB",
            "Buffers:           40000 kB", "Cached:          1700000 kB", "SwapCached:         1000 kB",
            "Active:           900000 kB", "Inactive:        1600000 kB", "Active(anon):     100000 kB",
            "Inactive(anon):   800000 kB", "Active(file):     800000 kB", "Inactive(file):   800000 kB",
            "Unevictable:       30000 kB", "Mlocked:           20000 kB", "SwapTotal:       1048572 kB",
            "SwapFree:         948572 kB",
        ]
        if tellsZswap { lines += ["Zswap:             12000 kB", "Zswapped:          40000 kB"] }
        lines += [
            "Dirty:              5000 kB", "Writeback:           400 kB", "AnonPages:        800000 kB",
            "Mapped:           120000 kB", "Shmem:            100000 kB", "KReclaimable:     150000 kB",
            "Slab:             210000 kB", "SReclaimable:     140000 kB", "SUnreclaim:        70000 kB",
            "KernelStack:        6000 kB", "PageTables:        12000 kB",
        ]
        if release >= 601 { lines.append("SecPageTables:       500 kB") }
        lines += [
            "NFS_Unstable:          0 kB", "Bounce:                0 kB", "WritebackTmp:          0 kB",
            "CommitLimit:     3058572 kB", "Committed_AS:    1900000 kB", "VmallocTotal:   34359738367 kB",
            "VmallocUsed:       30000 kB", "VmallocChunk:          0 kB", "Percpu:             3000 kB",
            "HardwareCorrupted:     0 kB", "AnonHugePages:    204800 kB", "ShmemHugePages:        0 kB",
            "ShmemPmdMapped:        0 kB", "FileHugePages:      2048 kB", "FilePmdMapped:         0 kB",
        ]
        if release >= 612 { lines.append("Unaccepted:            0 kB") }
        lines += [
            "HugePages_Total:       8", "HugePages_Free:        6", "HugePages_Rsvd:        1",
            "HugePages_Surp:        0", "Hugepagesize:       2048 kB", "Hugetlb:           16384 kB",
            "DirectMap4k:      180000 kB", "DirectMap2M:     4014304 kB",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var vmstat: String {
        var lines = [
            "nr_free_pages 250000", "nr_zone_inactive_anon 200000", "nr_zone_active_anon 25000",
            "workingset_nodes 900", "workingset_refault_anon 21", "workingset_refault_file 1345",
            "workingset_activate_anon 3", "workingset_activate_file 700", "workingset_restore_anon 1",
            "workingset_restore_file 90", "workingset_nodereclaim 0", "pgpgin 1720741", "pgpgout 1382644", "pswpin 7",
            "pswpout 9", "pgalloc_dma 100", "pgalloc_dma32 200", "pgalloc_normal 300", "pgalloc_movable 0",
            "allocstall_dma 0", "allocstall_dma32 2", "allocstall_normal 40", "allocstall_movable 8",
        ]
        if release >= 601 { lines += ["pgalloc_device 0", "allocstall_device 0"] }
        lines += [
            "pgfree 8809531", "pgactivate 218419", "pgfault 8586991", "pgmajfault 812", "pgrefill 4000",
            "pgsteal_kswapd 60000", "pgsteal_direct 1500",
        ]
        if release >= 612 { lines.append("pgsteal_khugepaged 11") }
        if release >= 515 { lines += ["pgdemote_kswapd 0", "pgdemote_direct 0"] }
        lines += ["pgscan_kswapd 90000", "pgscan_direct 2500"]
        if release >= 612 { lines.append("pgscan_khugepaged 13") }
        lines += [
            "pgscan_direct_throttle 5", "pgscan_anon 300", "pgscan_file 92200", "pgsteal_anon 100",
            "pgsteal_file 61400",
            "oom_kill 3", "compact_stall 17", "compact_fail 12", "compact_success 5", "balloon_inflate 5120",
            "balloon_deflate 1024", "balloon_migrate 64", "swap_ra 1", "swap_ra_hit 1",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var zoneinfo: String { release >= 612 ? Fixtures.zoneinfo612 : Fixtures.zoneinfo61 }

    /// Order 0 to 10: DMA32 has 9 blocks of 2 MiB and 90 of 4 MiB, Normal 5 and 30.
    private static let buddyinfo = """
        Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3 
        Node 0, zone    DMA32    100     50     20     10      5      4      3      2      4      9     90 
        Node 0, zone   Normal   9000   4000   2000   1000    600    400    200     70     20      5     30 

        """

    private static let pagetypeinfo = """
        Page block order: 9
        Pages per block:  512

        Free pages count per migrate type at order       0      1      2      3      4      5      6      7      8      9     10 
        Node    0, zone      DMA, type    Unmovable      0      0      0      0      0      0      0      0      1      0      0 
        Node    0, zone      DMA, type      Movable      0      0      0      0      0      0      0      0      0      1      3 
        Node    0, zone    DMA32, type    Unmovable     40     20      0      0      0      0      0      0      0      0      0 
        Node    0, zone    DMA32, type      Movable     60     30     20     10      5      4      3      2      4      9     88 
        Node    0, zone    DMA32, type          CMA      0      0      0      0      0      0      0      0      0      0      2 
        Node    0, zone   Normal, type    Unmovable   5000   1000    500    400    300    200    100     20      0      0      0 
        Node    0, zone   Normal, type      Movable   3000   2900   1500    600    300    200    100     50     20      5     30 
        Node    0, zone   Normal, type  Reclaimable   1000    100      0      0      0      0      0      0      0      0      0 
        Node    0, zone   Normal, type   HighAtomic      0      0      0      0      0      0      0      0      0      0      0 

        Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic          CMA 
        Node 0, zone      DMA            1            7            0            0            0 
        Node 0, zone    DMA32            2         1522            0            0            4 
        Node 0, zone   Normal          129          463           88            0            0 

        """

    private static let swaps = """
        Filename				Type		Size		Used		Priority
        /dev/zram0                              partition	524284		100000		100
        /swap\\040file                          file		524288		0		-2

        """

    /// Since 5.11 there is a ninth number.
    private var zramStat: String {
        "400000000 100000000 110000000        0 120000000     5000        0      200"
            + (release >= 515 ? "      300\n" : "\n")
    }

    private var node0: String {
        """
        Node 0 MemTotal:        4020000 kB
        Node 0 MemFree:         1000000 kB
        Node 0 MemUsed:         3020000 kB
        Node 0 Active(anon):     100000 kB
        Node 0 Inactive(anon):   800000 kB
        Node 0 Active(file):     800000 kB
        Node 0 Inactive(file):   800000 kB
        Node 0 Unevictable:       30000 kB
        Node 0 Dirty:              5000 kB
        Node 0 FilePages:       1741000 kB
        Node 0 AnonPages:        800000 kB
        Node 0 Shmem:            100000 kB
        Node 0 SReclaimable:     140000 kB
        Node 0 AnonHugePages:    204800 kB
        Node 0 HugePages_Total:     8

        """
    }

    private var selfCgroup: String {
        self == .v5_10_cgroup1
            ? """
            11:memory:/system.slice/ballast-agent.service
            10:cpu,cpuacct:/
            1:name=systemd:/system.slice/ballast-agent.service
            0::/system.slice/ballast-agent.service

            """
            : "0::/system.slice/ballast-agent.service\n"
    }
}
