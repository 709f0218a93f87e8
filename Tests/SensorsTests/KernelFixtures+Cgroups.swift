extension KernelFixture {
    /// What one cgroup of the fixtures uses, in MiB.
    struct Group: Sendable {
        var path: String
        var anonymous = 0
        var file = 0
        var shmem = 0
        var slab = 0
        var swap = 0
        var limit: Int?
        var kills = 0

        var current: Int { anonymous + file + slab }
    }

    /// The groups; those above them have at least their sum. system.slice holds 600 MiB of cache that services left
    /// behind.
    static let groups = [
        Group(path: "system.slice", anonymous: 500, file: 1010, slab: 40, swap: 50),
        Group(
            path: "system.slice/postgresql.service", anonymous: 400, file: 300, shmem: 200, slab: 20, swap: 50, kills: 2
        ),
        Group(path: "system.slice/nginx.service", anonymous: 20, file: 100, slab: 10, limit: 512),
        Group(path: "system.slice/cron.service", anonymous: 1),
        Group(path: "user.slice", anonymous: 300, file: 100, slab: 10),
        Group(path: "user.slice/user-1000.slice", anonymous: 300, file: 100, slab: 10),
        Group(path: "user.slice/user-1000.slice/session-3.scope", anonymous: 290, file: 95, slab: 10),
        Group(path: "user.slice/user-1000.slice/user@1000.service", anonymous: 9, file: 3),
        Group(path: "machine.slice", anonymous: 60, file: 20),
        Group(path: "machine.slice/libpod-1.scope", anonymous: 60, file: 20),
        Group(path: "machine.slice/libpod-1.scope/container", anonymous: 60, file: 20),
        Group(path: "ballastholders.slice", anonymous: 256),
        Group(path: "ballastholders.slice/ballast-holder-0.scope", anonymous: 256),
    ]

    var cgroups: [String: String] {
        self == .v5_10_cgroup1 ? Self.version1 : version2
    }

    private static let mebibyte = 1 << 20

    private var version2: [String: String] {
        var files = [
            "cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma\n",
            "cgroup/memory.stat": stat(Group(path: "", anonymous: 1116, file: 1130, slab: 50)),
        ]
        for group in Self.groups {
            let folder = "cgroup/\(group.path)"
            files["\(folder)/memory.current"] = "\(group.current * Self.mebibyte)\n"
            files["\(folder)/memory.max"] = "max\n"
            files["\(folder)/memory.high"] = group.limit.map { "\($0 * Self.mebibyte)\n" } ?? "max\n"
            files["\(folder)/memory.swap.current"] = "\(group.swap * Self.mebibyte)\n"
            files["\(folder)/memory.events"] =
                "low 0\nhigh 0\nmax 9\noom 1\noom_kill \(group.kills)\n" + (tellsZswap ? "oom_group_kill 0\n" : "")
            files["\(folder)/memory.stat"] = stat(group)
            files["\(folder)/memory.pressure"] =
                "some avg10=0.50 avg60=0.00 avg300=0.00 total=700\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=70\n"
            files["\(folder)/cgroup.procs"] = ""
        }
        return files
    }

    private func stat(_ group: Group) -> String {
        func bytes(_ mebibytes: Int) -> Int { mebibytes * Self.mebibyte }
        var lines = ["anon \(bytes(group.anonymous))", "file \(bytes(group.file))"]
        if tellsZswap { lines.append("kernel \(bytes(group.slab))") }
        lines.append("kernel_stack 0")
        if self != .v5_10 { lines.append("pagetables 0") }
        if tellsZswap { lines.append("sec_pagetables 0") }
        lines += ["percpu 0", "sock 0"]
        if tellsZswap { lines.append("vmalloc 0") }
        lines.append("shmem \(bytes(group.shmem))")
        if tellsZswap { lines += ["zswap 0", "zswapped 0"] }
        lines += ["file_mapped 0", "file_dirty 0", "file_writeback 0"]
        if self != .v5_10 { lines.append("swapcached 0") }
        lines += [
            "anon_thp 0", "inactive_anon 0", "active_anon 0", "inactive_file 0", "active_file 0", "unevictable 0",
            "slab_reclaimable \(bytes(group.slab) / 2)", "slab_unreclaimable \(bytes(group.slab) / 2)",
            "slab \(bytes(group.slab))", "workingset_refault_anon 0", "workingset_refault_file 0", "pgfault 1",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static var version1: [String: String] {
        var files = [
            "cgroup/unified/cgroup.controllers": "\n", "cgroup/cpu,cpuacct/cgroup.procs": "",
            "cgroup/memory/memory.usage_in_bytes": "\(2246 * mebibyte)\n",
            "cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "cgroup/memory/memory.stat":
                "cache 0\nrss 0\ntotal_cache 0\ntotal_rss 0\ntotal_inactive_file \(600 * mebibyte)\n",
        ]
        for group in groups {
            let folder = "cgroup/memory/\(group.path)"
            files["\(folder)/memory.usage_in_bytes"] = "\(group.current * mebibyte)\n"
            files["\(folder)/memory.limit_in_bytes"] =
                group.limit.map { "\($0 * mebibyte)\n" } ?? "9223372036854771712\n"
            files["\(folder)/memory.kmem.usage_in_bytes"] = "\(group.slab * mebibyte)\n"
            files["\(folder)/memory.oom_control"] = "oom_kill_disable 0\nunder_oom 0\noom_kill \(group.kills)\n"
            files["\(folder)/memory.stat"] = """
                cache 0
                rss 4096
                rss_huge 0
                shmem 0
                mapped_file 0
                dirty 0
                writeback 0
                swap 0
                hierarchical_memory_limit 9223372036854771712
                total_cache \(group.file * mebibyte)
                total_rss \(group.anonymous * mebibyte)
                total_shmem \(group.shmem * mebibyte)
                total_swap \(group.swap * mebibyte)

                """
            files["cgroup/unified/\(group.path)/memory.pressure"] =
                "some avg10=0.50 avg60=0.00 avg300=0.00 total=700\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=70\n"
        }
        return files
    }
}
