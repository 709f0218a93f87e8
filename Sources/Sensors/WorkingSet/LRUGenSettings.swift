import Linux
import SystemPackage

/// The kernel's settings of the multi-generational LRU, in `/sys/kernel/mm/lru_gen`.
struct LRUGenSettings: Sendable, Hashable {
    /// The bits of `enabled`: 1 the generations themselves, 2 walks over page tables, 4 walks that use the accessed
    /// bits of upper levels.
    var enabled: UInt64
    /// `min_ttl_ms`: the kernel rather kills than evicts what was used within so many milliseconds; 0: never.
    var minimumTTLMilliseconds: UInt64

    /// Whether there are generations, and accessed bits are harvested from page tables. Without the latter the kernel
    /// fills generations by other rules, and their ages say nothing.
    var datesMemory: Bool { enabled & 0b11 == 0b11 }

    /// The settings; nil where the kernel has no multi-generational LRU.
    static func read(_ roots: SensorRoots) -> LRUGenSettings? {
        guard let enabled = try? TextFile.line(folder(roots).appending("enabled")), let bits = hexadecimal(enabled)
        else { return nil }
        let ttl = (try? TextFile.line(folder(roots).appending("min_ttl_ms"))).flatMap { UInt64($0) }
        return LRUGenSettings(enabled: bits, minimumTTLMilliseconds: ttl ?? 0)
    }

    /// Sets the bits of `enabled`.
    static func enable(_ bits: UInt64, _ roots: SensorRoots) throws(LinuxError) {
        try SmallFile.write("0x" + String(bits, radix: 16), to: folder(roots).appending("enabled"))
    }

    private static func folder(_ roots: SensorRoots) -> FilePath { roots.sys.appending("kernel/mm/lru_gen") }

    /// `0x0007`.
    static func hexadecimal(_ text: String) -> UInt64? {
        guard text.hasPrefix("0x") else { return nil }
        return UInt64(text.dropFirst(2), radix: 16)
    }
}
