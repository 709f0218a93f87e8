import SystemPackage

/// Where memory is swapped to, and what of it is compressed memory again (zswap, zram) instead of a disk.
public struct SwapInfo: Sendable, Hashable {
    /// One swap area of `/proc/swaps`.
    public struct Area: Sendable, Hashable {
        /// The file or device.
        public var path: String
        /// `partition` or `file`.
        public var kind: String
        /// Its size, in bytes.
        public var totalBytes: UInt64
        /// Of this in use, in bytes.
        public var usedBytes: UInt64
        /// Areas of higher priority are filled first.
        public var priority: Int32
        /// Whether it is compressed memory, not a disk.
        public var isZram: Bool { path.split(separator: "/").last.map { $0.hasPrefix("zram") } ?? false }
    }

    /// Settings of zswap, the compressed cache in front of the swap areas.
    public struct Zswap: Sendable, Hashable {
        /// Whether it is on.
        public var isEnabled: Bool
        /// The compressor's name.
        public var compressor: String
        /// How much of all memory the pool may take, in percent.
        public var maximumPoolPercent: UInt64
        /// Whether it writes cold pages back to the swap area under pressure; nil on kernels before 6.8.
        public var shrinks: Bool?
    }

    /// One zram device (compressed memory as a block device), from its `mm_stat`.
    public struct Zram: Sendable, Hashable {
        /// The device's name, such as `zram0`.
        public var name: String
        /// What was stored, uncompressed, in bytes.
        public var storedBytes: UInt64
        /// The same, compressed, in bytes.
        public var compressedBytes: UInt64
        /// Memory that the device takes, in bytes.
        public var usedBytes: UInt64
        /// What it may take at most, in bytes; 0 without limit.
        public var limitBytes: UInt64
    }

    /// The areas, in the kernel's order.
    public var areas: [Area] = []
    /// zswap; nil where the kernel has none.
    public var zswap: Zswap?
    /// zram devices, whether they serve as swap or not.
    public var zram: [Zram] = []

    /// Memory that zram devices take, in bytes.
    public var zramUsedBytes: UInt64 { zram.reduce(0) { $0.adding($1.usedBytes) } }
    /// What zram devices hold, uncompressed, in bytes.
    public var zramStoredBytes: UInt64 { zram.reduce(0) { $0.adding($1.storedBytes) } }
    /// Whether swapping frees memory for good: there is an area on a disk.
    public var hasDisk: Bool { areas.contains { !$0.isZram } }

    /// No swap at all.
    public init() {}

    /// Reads `/proc/swaps`, zswap's parameters and the zram devices; what is not there is left out.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> SwapInfo {
        var info = SwapInfo()
        if let bytes = try? TextFile.read(roots.proc.appending("swaps")) { info.areas = areas(bytes) }
        info.zswap = zswap(roots.sys.appending("module/zswap/parameters"))
        info.zram = zram(roots)
        return info
    }

    /// The zram devices alone.
    static func zram(_ roots: SensorRoots) -> [Zram] {
        let blocks = roots.sys.appending("block")
        return Folder.names(in: blocks, limit: 64, where: { $0.hasPrefix("zram") }).compactMap { name in
            guard let bytes = try? TextFile.read(blocks.appending(name).appending("mm_stat"), limit: 4096) else {
                return nil
            }
            return zram(bytes, name: name)
        }
    }

    /// The first line is the heading. Blanks in a path are written as `\040`.
    static func areas(_ bytes: [UInt8]) -> [Area] {
        KernelText.lines(bytes).dropFirst().compactMap { line in
            let words = KernelText.words(line)
            guard words.count >= 5, let total = KernelText.number(words[2]), let used = KernelText.number(words[3])
            else { return nil }
            return Area(
                path: unescaped(words[0]), kind: KernelText.text(words[1]), totalBytes: total.multiplied(1024),
                usedBytes: used.multiplied(1024), priority: Int32(KernelText.text(words[4])) ?? 0)
        }
    }

    private static func unescaped(_ word: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = word
        while let first = rest.first {
            let digits = rest.dropFirst().prefix(3)
            if first == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }),
                let value = UInt8(exactly: digits.reduce(0) { $0 * 8 + Int($1 - 0x30) })
            {
                bytes.append(value)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func zswap(_ folder: FilePath) -> Zswap? {
        func line(_ name: String) -> String? { try? TextFile.line(folder.appending(name)) }
        guard let enabled = line("enabled") else { return nil }
        return Zswap(
            isEnabled: enabled == "Y", compressor: line("compressor") ?? "",
            maximumPoolPercent: line("max_pool_percent").flatMap { UInt64($0) } ?? 0,
            shrinks: line("shrinker_enabled").map { $0 == "Y" })
    }

    /// `orig_data_size compr_data_size mem_used_total mem_limit ...`; later kernels append fields.
    static func zram(_ bytes: [UInt8], name: String) -> Zram? {
        let numbers =
            KernelText.lines(bytes).first.map { KernelText.words($0).map { KernelText.number($0) ?? 0 } } ?? []
        guard numbers.count >= 4 else { return nil }
        return Zram(
            name: name, storedBytes: numbers[0], compressedBytes: numbers[1], usedBytes: numbers[2],
            limitBytes: numbers[3])
    }
}
