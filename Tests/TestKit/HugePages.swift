import Glibc

/// The machine's pool of 2 MiB pages, as large as a test needs it and put back afterwards.
public enum HugePages {
    /// Bytes of a page.
    public static let pageBytes: UInt64 = 2 << 20
    private static let folder = "/sys/kernel/mm/hugepages/hugepages-2048kB"

    /// Whether this machine lets the test have a pool: as root, with memory to spare.
    public static func canHave(_ bytes: UInt64) -> Bool {
        guard geteuid() == 0, access("\(folder)/nr_hugepages", W_OK) == 0 else { return false }
        let line = text(of: "/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { UInt64($0) } ?? 0
        return kibibytes << 10 > bytes + (2 << 30)
    }

    /// Gives the pool that many pages beyond those in use, runs the body, and puts the old size back.
    public static func with<Result: Sendable>(
        pages: UInt64, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async throws -> Result {
        let before = try number("nr_hugepages")
        let wanted = before + pages
        try write("\(wanted)\n", to: "\(folder)/nr_hugepages")
        defer { try? write("\(before)\n", to: "\(folder)/nr_hugepages") }
        // Caches may have to go first; the kernel takes what it finds at each attempt.
        for _ in 0..<20 where try number("nr_hugepages") < wanted {
            try await Task.sleep(for: .milliseconds(200))
            try? write("1\n", to: "/proc/sys/vm/compact_memory")
            try write("\(wanted)\n", to: "\(folder)/nr_hugepages")
        }
        guard try number("nr_hugepages") >= wanted else {
            throw KitError("this machine gives only \(try number("nr_hugepages")) of \(wanted) huge pages")
        }
        return try await body()
    }

    /// Runs the body with a folder where a hugetlbfs of 2 MiB pages is mounted for the while.
    public static func withMount<Result: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Result
    ) async throws -> Result {
        let folder = try Scratch.folder()
        guard mount("hugetlbfs", folder, "hugetlbfs", 0, "pagesize=2M") == 0 else {
            throw KitError("a hugetlbfs cannot be mounted at \(folder): errno \(errno)")
        }
        defer {
            _ = umount2(folder, Int32(MNT_DETACH))
            Scratch.remove(folder)
        }
        return try await body(folder)
    }

    /// Pages that nobody has.
    public static func free() throws -> UInt64 { try number("free_hugepages") }

    /// Pages among these that are promised.
    public static func reserved() throws -> UInt64 { try number("resv_hugepages") }

    private static func number(_ name: String) throws -> UInt64 {
        guard let value = UInt64(text(of: "\(folder)/\(name)").filter(\.isNumber)) else {
            throw KitError("\(folder)/\(name) cannot be read")
        }
        return value
    }
}

/// A stranger that takes huge pages from the pool, for as long as it lives.
public final class HugePageTaker {
    private var mappings: [(address: UnsafeMutableRawPointer, bytes: Int)] = []

    /// Nothing is taken yet.
    public init() {}

    deinit { for mapping in mappings { munmap(mapping.address, mapping.bytes) } }

    /// Takes more pages; false where the pool has not that many left.
    public func take(_ count: Int) -> Bool {
        let bytes = count * Int(HugePages.pageBytes)
        // MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, and 2 MiB by its logarithm. The pages are promised at once, or
        // the mapping fails.
        guard let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, 0x02 | 0x20 | 0x40000 | 21 << 26, -1, 0),
            address != MAP_FAILED
        else { return false }
        for offset in stride(from: 0, to: bytes, by: Int(HugePages.pageBytes)) {
            address.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
        mappings.append((address, bytes))
        return true
    }

    /// Bytes taken.
    public var bytes: UInt64 { mappings.reduce(0) { $0 + UInt64($1.bytes) } }
}
