public import Linux
public import SystemPackage

/// What the kernel says of its pool of huge pages of one size.
public struct HugePagePool: Hashable, Sendable {
    /// Bytes of a page.
    public var pageBytes: UInt64
    /// Pages that nobody has.
    public var free: UInt64
    /// Pages among these that are promised to mappings.
    public var reserved: UInt64
    /// Pages beyond the pool's size that were taken from ordinary memory.
    public var surplus: UInt64
    /// How many of these there may be (`nr_overcommit_hugepages`).
    public var overcommit: UInt64

    /// A pool with these numbers of pages.
    public init(pageBytes: UInt64, free: UInt64, reserved: UInt64, surplus: UInt64, overcommit: UInt64) {
        self.pageBytes = pageBytes
        self.free = free
        self.reserved = reserved
        self.surplus = surplus
        self.overcommit = overcommit
    }

    /// Bytes that can still be had: free, not promised, plus what the kernel may add.
    public var availableBytes: UInt64 {
        let unpromised = free - min(reserved, free)
        let more = overcommit - min(surplus, overcommit)
        let (pages, overflow) = unpromised.addingReportingOverflow(more)
        let (bytes, wraps) = pages.multipliedReportingOverflow(by: pageBytes)
        return overflow || wraps ? .max : bytes
    }

    /// Reads the pool of pages of `pageBytes` bytes below `sysRoot`.
    public static func read(pageBytes: UInt64, sysRoot: FilePath = "/sys") throws(LinuxError) -> HugePagePool {
        let folder = sysRoot.appending("kernel").appending("mm").appending("hugepages")
            .appending("hugepages-\(pageBytes >> 10)kB")
        func number(_ name: String) throws(LinuxError) -> UInt64 {
            let text = try SmallFile.readText(folder.appending(name), limit: 64)
            guard let number = UInt64(text.split(separator: "\n").first ?? "") else {
                throw LinuxError(code: .invalid, operation: "reading \(folder)/\(name)")
            }
            return number
        }
        return HugePagePool(
            pageBytes: pageBytes, free: try number("free_hugepages"), reserved: try number("resv_hugepages"),
            surplus: try number("surplus_hugepages"), overcommit: try number("nr_overcommit_hugepages"))
    }
}
