/// Texts of real kernels.
enum WorkingSetFixtures {
    /// `lru_gen` of a 6.1 guest with two cgroups beside the root.
    static let generations61 = """
        memcg     1 /
         node     0
                  0      62345          0          12 
                  1      62345        120         340 
                  2      20100         77           0 
                  3      20100       2560        1024 
        memcg    31 /ballast-agent
         node     0
                  4      60010          0           0 
                  5      45005        128          64 
                  6      15002         64           0 
                  7          4          0           0 
        memcg    35 /system.slice/a service.service
         node     0
                  1      60010       5120           0 
                  2          4          0        2048 

        """

    /// `lru_gen_full` of the same kernel: rows of tiers and of walks in between, and `x` at generations that are gone.
    static let full61 = """
        memcg     1 /
         node     0
                  0      62345          9x         12x
                             0          0           0           0           0           0           0 
                             1          0           0           0           0           0           0 
                             2          0           0           0           0           0           0 
                             3          0           0           0           0           0           0 
                                        0           0           0           0           0           0 
                  1      62345        120         340 
                             0          0r          3e          0p          0r         10e          0p
                             1          0r          0e          0p          0r          0e          0p
                                        0           0           0           0           0           0 
                  2      20100         77           0 
                                        0           0           0           0           0           0 
                  3      20100       2560        1024 
                             0          0R          0T          0           0R         11T          0 
                                     5210L        812O       2003Y         31N         20F          9A

        """

    /// `/proc/iomem` of a guest with 4 GiB, as root sees it.
    static let iomem = """
        00000000-00000fff : Reserved
        00001000-0009fbff : System RAM
        0009fc00-0009ffff : Reserved
        000f0000-000fffff : System ROM
        00100000-bffdffff : System RAM
          01000000-01e00fff : Kernel code
          02000000-0288cfff : Kernel rodata
        bffe0000-bfffffff : Reserved
        100000000-13fffffff : System RAM
        c000000000-ffffffffff : PCI Bus 0000:00

        """

    /// The lines of `/proc/vmstat` that matter here.
    static let vmstat = """
        nr_free_pages 100000
        nr_inactive_anon 25600
        nr_active_anon 51200
        nr_inactive_file 76800
        nr_active_file 12800
        nr_unevictable 0
        workingset_refault_anon 5
        workingset_refault_file 1000
        workingset_activate_anon 1
        workingset_activate_file 400
        workingset_restore_anon 0
        workingset_restore_file 200
        pgsteal_kswapd 5000
        pgsteal_direct 10

        """
}
