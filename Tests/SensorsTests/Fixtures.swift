/// Files as the kernels of the test guests write them.
enum Fixtures {
    static let meminfo61 = """
        MemTotal:        2016540 kB
        MemFree:         1732412 kB
        MemAvailable:    1787376 kB
        Buffers:            1048 kB
        Cached:           164128 kB
        SwapCached:           12 kB
        Active:            12040 kB
        Inactive:         157712 kB
        Active(anon):        148 kB
        Inactive(anon):     4892 kB
        Active(file):      11892 kB
        Inactive(file):   152820 kB
        Unevictable:           0 kB
        Mlocked:               4 kB
        SwapTotal:        524284 kB
        SwapFree:         524000 kB
        Zswap:                 0 kB
        Zswapped:              0 kB
        Dirty:                 0 kB
        Writeback:             0 kB
        AnonPages:          4612 kB
        Mapped:             6120 kB
        Shmem:               432 kB
        KReclaimable:      13148 kB
        Slab:              31876 kB
        SReclaimable:      13148 kB
        SUnreclaim:        18728 kB
        KernelStack:        1296 kB
        PageTables:          516 kB
        SecPageTables:         0 kB
        NFS_Unstable:          0 kB
        Bounce:                0 kB
        WritebackTmp:          0 kB
        CommitLimit:     1532552 kB
        Committed_AS:      30128 kB
        VmallocTotal:   34359738367 kB
        VmallocUsed:        9116 kB
        VmallocChunk:          0 kB
        Percpu:              712 kB
        HardwareCorrupted:     0 kB
        AnonHugePages:         0 kB
        ShmemHugePages:        0 kB
        ShmemPmdMapped:        0 kB
        FileHugePages:         0 kB
        FilePmdMapped:         0 kB
        HugePages_Total:       8
        HugePages_Free:        6
        HugePages_Rsvd:        1
        HugePages_Surp:        0
        Hugepagesize:       2048 kB
        Hugetlb:           16384 kB
        DirectMap4k:       38780 kB
        DirectMap2M:     2058240 kB

        """

    static let meminfo612 =
        meminfo61.replacing("HardwareCorrupted", "Unaccepted:            0 kB\nHardwareCorrupted")
        + "CmaTotal:          65536 kB\nCmaFree:           60000 kB\n"

    static let vmstat61 = """
        nr_free_pages 433103
        nr_zone_inactive_anon 1223
        workingset_nodes 200
        workingset_refault_anon 21
        workingset_refault_file 1345
        workingset_activate_anon 3
        pgpgin 168392
        pswpin 7
        pswpout 9
        pgalloc_dma 0
        pgmajfault 812
        oom_kill_disable 4
        oom_kill 3
        numa_hit 187012

        """

    static let vmstat50 = """
        nr_free_pages 433103
        workingset_refault 77
        pgmajfault 812
        oom_kill 3

        """

    static let zoneinfo61 = """
        Node 0, zone      DMA
          per-node stats
              nr_inactive_anon 1223
              nr_active_file 2973
              nr_mapped    1530
          pages free     3840
                boost    0
                min      87
                low      108
                high     129
                spanned  4095
                present  3998
                managed  3840
                cma      0
                protection: (0, 476, 476, 1953, 1953)
              nr_free_pages 3840
              nr_zone_inactive_file 0
              nr_zone_active_file 0
              nr_free_cma  0
          pagesets
            cpu: 0
                      count: 0
                      high:  0
                      batch: 1
          vm stats threshold: 4
          node_unreclaimable:  0
          start_pfn:           1
        Node 0, zone    DMA32
          pages free     101000
                boost    0
                min      2809
                low      3511
                high     4213
                spanned  126976
                present  126976
                managed  122110
                cma      16384
                protection: (0, 0, 21, 5905, 5905)
              nr_free_pages 101000
              nr_zone_inactive_anon 12
              nr_zone_active_anon 13
              nr_zone_inactive_file 500
              nr_zone_active_file 300
              nr_free_cma  15000
          pagesets
            cpu: 0
                      count: 300
                      high:  16887
                      batch: 63
          start_pfn:           4096
        Node 0, zone   Normal
          pages free     0
                boost    0
                min      0
                low      0
                high     0
                spanned  0
                present  0
                managed  0
                cma      0
                protection: (0, 0, 0, 0, 0)
        Node 0, zone  Movable
          pages free     331000
                boost    0
                min      8445
                low      10556
                high     12667
                spanned  393216
                present  393216
                managed  377988
                cma      0
                protection: (0, 0, 0, 0, 0)
              nr_free_pages 331000
              nr_zone_inactive_file 37000
              nr_zone_active_file 2600
              nr_free_cma  0
          pagesets
            cpu: 0
                      count: 1
                      high:  63
                      batch: 63
        Node 0, zone   Device
          pages free     0
                boost    0
                min      0
                low      0
                high     0
                managed  0
                cma      0
                protection: (0, 0, 0, 0, 0)

        """

    /// 6.12 adds the promotion watermark and page sets with high_min and high_max.
    static let zoneinfo612 = zoneinfo61.replacing(
        "        spanned", "        promo    9999\n        spanned"
    ).replacing("              batch:", "              high_min: 99\n              high_max: 999\n              batch:")

    static let pressure = """
        some avg10=12.34 avg60=0.05 avg300=100.00 total=123456789
        full avg10=1.00 avg60=0.00 avg300=0.00 total=42

        """

    static let node1 = """
        Node 1 MemTotal:        1008270 kB
        Node 1 MemFree:          800000 kB
        Node 1 MemUsed:          208270 kB
        Node 1 FilePages:         90000 kB
        Node 1 AnonPages:          4000 kB

        """
}

extension String {
    /// Every occurrence of a text replaced.
    func replacing(_ text: String, _ other: String) -> String {
        var result = ""
        var rest = Substring(self)
        while let range = rest.firstRange(of: text) {
            result += rest[..<range.lowerBound]
            result += other
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

}
