/// A row of the test matrix: a guest kernel on the QEMU whose emulation runs it without a flaw.
public enum KernelRow: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Kernel 6.1 on the machine's own QEMU (7.2 on Debian 12).
    case v6_1 = "6.1"
    /// Kernel 6.12 on QEMU 10.0. Under 7.2's emulation it crashes now and then.
    case v6_12 = "6.12"

    /// The rows that this machine has. Tests take their arguments from here, so that a missing row is skipped.
    public static let available: [KernelRow] = {
        let rows = allCases.filter { $0.images != nil }
        for row in allCases where !rows.contains(row) {
            complain("kernel row \(row) skipped: not in \(Layout.cache)/images.env (scripts/guest-images fetches it)")
        }
        return rows
    }()

    /// How many rows this machine lacks.
    public static var skipped: Int { allCases.count - available.count }

    /// "6.1" or "6.12".
    public var description: String { rawValue }

    /// What `scripts/guest-images` wrote about the row.
    struct Images: Sendable {
        var kernel: String
        var release: String
        var qemu: String
    }

    var images: Images? {
        let suffix = rawValue.split(separator: ".").joined(separator: "_")
        guard let kernel = Self.environment["KERNEL_\(suffix)"], let release = Self.environment["RELEASE_\(suffix)"],
            let qemu = Self.environment["QEMU_\(suffix)"]
        else { return nil }
        return Images(kernel: kernel, release: release, qemu: qemu)
    }

    private static let environment: [String: String] = {
        var values: [String: String] = [:]
        for line in text(of: "\(Layout.cache)/images.env").split(separator: "\n") {
            let words = line.split(separator: "=", maxSplits: 1)
            if words.count == 2 { values[String(words[0])] = String(words[1]) }
        }
        return values
    }()
}
