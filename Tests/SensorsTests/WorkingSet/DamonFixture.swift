@testable import Sensors

/// A DAMON in sysfs with one thread, one context and room for some regions: directories that the kernel would make.
enum DamonFixture {
    static let admin = "sys/kernel/mm/damon/admin/kdamonds"
    static let context = admin + "/0/contexts/0"

    static func files(regions: Int = 3, threads: String = "0") -> [String: String] {
        var files: [String: String] = [
            admin + "/nr_kdamonds": threads, admin + "/0/state": "off", admin + "/0/pid": "4711",
            admin + "/0/contexts/nr_contexts": "0", context + "/operations": "vaddr",
            context + "/monitoring_attrs/intervals/sample_us": "5000",
            context + "/monitoring_attrs/intervals/aggr_us": "100000",
            context + "/monitoring_attrs/intervals/update_us": "1000000",
            context + "/monitoring_attrs/nr_regions/min": "10", context + "/monitoring_attrs/nr_regions/max": "10",
            context + "/targets/nr_targets": "0", context + "/targets/0/regions/nr_regions": "0",
            context + "/schemes/nr_schemes": "0", context + "/schemes/0/action": "pageout",
            context + "/schemes/0/tried_regions/total_bytes": "0",
        ]
        for name in ["sz", "nr_accesses", "age"] {
            files[context + "/schemes/0/access_pattern/\(name)/min"] = "0"
            files[context + "/schemes/0/access_pattern/\(name)/max"] = "0"
        }
        for region in 0..<regions {
            files[context + "/targets/0/regions/\(region)/start"] = "0"
            files[context + "/targets/0/regions/\(region)/end"] = "0"
        }
        return files
    }
}
