/// Sizes as people type and read them. Every unit is binary: `K`, `M`, `G` and `T` mean KiB, MiB, GiB and TiB, as in
/// QEMU and the kernel's command line.
public enum ByteSize {
    /// 1,024 bytes.
    public static let kibibyte: UInt64 = 1 << 10
    /// 1,048,576 bytes.
    public static let mebibyte: UInt64 = 1 << 20
    /// 1,073,741,824 bytes.
    public static let gibibyte: UInt64 = 1 << 30
    /// 1,099,511,627,776 bytes.
    public static let tebibyte: UInt64 = 1 << 40

    /// The step of everything that the balloon does: 2 MiB, one huge page.
    public static let hugePage: UInt64 = 2 * mebibyte

    /// Bytes of a text such as `512M`, `1.5GiB`, `64 MiB` or `4096`; fractions of a byte are dropped. Upper and lower
    /// case mean the same. Nil for anything else, decimal units such as `MB` included, and beyond 64 bits.
    public static func parse(_ text: String) -> UInt64? {
        guard let quantity = QuantityText(text) else { return nil }
        let factor: UInt64
        switch quantity.unit.lowercased() {
        case "", "b":
            guard quantity.fractionScale == 1 else { return nil }
            factor = 1
        case "k", "kib": factor = kibibyte
        case "m", "mib": factor = mebibyte
        case "g", "gib": factor = gibibyte
        case "t", "tib": factor = tebibyte
        default: return nil
        }
        return quantity.scaled(by: factor)
    }

    /// A size for people, in its largest unit with at most one decimal: `1.5 GiB`, `744 MiB`, `12 B`.
    public static func format(_ bytes: UInt64) -> String {
        for (unit, name) in [(UInt64(1), "B"), (kibibyte, "KiB"), (mebibyte, "MiB"), (gibibyte, "GiB")] {
            if let text = QuantityText.format(bytes, unit: unit, limit: 1024) { return "\(text) \(name)" }
        }
        return "\(QuantityText.format(bytes, unit: tebibyte, limit: .max) ?? "\(bytes / tebibyte)") TiB"
    }

    /// A size as configuration files carry it, exact: `1536MiB`, `2GiB`, `4097`.
    public static func exact(_ bytes: UInt64) -> String {
        guard bytes > 0 else { return "0" }
        for (unit, name) in [(tebibyte, "TiB"), (gibibyte, "GiB"), (mebibyte, "MiB"), (kibibyte, "KiB")]
        where bytes % unit == 0 {
            return "\(bytes / unit)\(name)"
        }
        return "\(bytes)"
    }
}
