/// Why the host must not discard this VM's memory behind the VMM's back.
public struct RefusalReason: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason as a stable word, for machines.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A passed-through or mediated device.
        case vfioDevice = "vfio-device"
        /// A vDPA device.
        case vdpaDevice = "vdpa-device"
        /// A vhost-user back end that is not known to follow discards.
        case vhostUserBackend = "vhost-user-backend"
        /// QEMU's userspace NVMe driver.
        case nvmeUserspace = "nvme-userspace"
        /// SEV, SEV-SNP, TDX or the like.
        case confidentialGuest = "confidential-guest"
        /// Locked or pinned memory.
        case memoryLocked = "memory-locked"
        /// The postcopy-ram capability.
        case postcopy = "postcopy"
        /// The background-snapshot capability.
        case backgroundSnapshot = "background-snapshot"
        /// A migration under way.
        case migrationActive = "migration-active"
        /// A snapshot job under way.
        case snapshotJob = "snapshot-job"
        /// Private RAM.
        case memoryPrivate = "memory-private"
        /// Shared RAM without a file.
        case noDescriptor = "no-descriptor"
        /// RAM on a file system that is neither tmpfs nor hugetlbfs.
        case fileSystem = "file-system"
        /// RAM on huge pages of another size than 2 MiB.
        case hugetlb = "hugetlb"
        /// RAM on 1 GiB pages.
        case gigapages = "gigapages"
        /// RAM whose file is sealed against writing.
        case writeSealed = "write-sealed"
        /// A memory map that does not add up.
        case unknownLayout = "unknown-layout"
        /// Not x86-64 with 4 KiB pages.
        case platform = "platform"
        /// The VMM's process cannot be looked at.
        case vmmProcess = "vmm-process"
    }

    /// The reason as a word.
    public let code: Code
    /// Cause and remedy in one sentence.
    public let description: String

    /// A reason with its sentence.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
