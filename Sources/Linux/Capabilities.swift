import CLinux
import SystemPackage

/// Rights of root that a process keeps or gives up.
public struct Capabilities: OptionSet, Sendable {
    /// Bits as numbered in linux/capability.h.
    public let rawValue: UInt64

    /// Makes a set of the kernel's bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Lock and pin memory beyond RLIMIT_MEMLOCK.
    public static let ipcLock = Capabilities(rawValue: 1 << 14)
    /// Take descriptors of other processes.
    public static let sysPtrace = Capabilities(rawValue: 1 << 19)
    /// Read frames in pagemap, among much else.
    public static let sysAdmin = Capabilities(rawValue: 1 << 21)
    /// Lower oom_score_adj, raise limits.
    public static let sysResource = Capabilities(rawValue: 1 << 24)

    /// What this process may do now.
    public static func effective() throws(LinuxError) -> Capabilities {
        var effective: UInt64 = 0
        var permitted: UInt64 = 0
        try systemCall("reading capabilities") { unsafe ballast_capabilities_get(&effective, &permitted) }
        return Capabilities(rawValue: effective)
    }

    /// Gives up everything else for good, also across exec.
    public static func drop(keeping kept: Capabilities) throws(LinuxError) {
        var effective: UInt64 = 0
        var permitted: UInt64 = 0
        try systemCall("reading capabilities") { unsafe ballast_capabilities_get(&effective, &permitted) }
        for number in 0..<Int32(64) where kept.rawValue >> UInt64(number) & 1 == 0 {
            // Fails beyond the kernel's last one and without CAP_SETPCAP; the sets below count.
            _ = ballast_capabilities_drop_bound(number)
        }
        try systemCall("dropping capabilities") { ballast_capabilities_set(permitted & kept.rawValue) }
        _ = ballast_set_no_new_privileges()
    }
}
