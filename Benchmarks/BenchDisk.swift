import TestKit

/// An ext4 disk for a guest, as fast as a cloud's smaller ones: what a guest has to read again costs it something. The
/// file is in the host's page cache, without a limit it would be as fast as memory.
struct BenchDisk {
    /// Reads and writes together, in bytes a second.
    static let bytesPerSecond = 125 << 20
    /// Reads and writes together, in requests a second.
    static let requestsPerSecond = 3000
    /// Where `mount` puts it in the guest.
    static let folder = "/disk"

    private let path: String

    /// Makes one of that many bytes in a folder.
    init(bytes: UInt64, folder: String) async throws {
        path = "\(folder)/disk.ext4"
        let size = "\(bytes >> 10)k"
        let (_, errors, exit) = try await ChildProcess.run(
            "/sbin/mkfs.ext4", ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=0", path, size])
        guard exit == .code(0) else { throw BenchError("no disk can be made: \(errors)") }
    }

    /// QEMU's arguments; the first disk of a guest is its /dev/vda.
    var arguments: [String] {
        let limits = "throttling.bps-total=\(Self.bytesPerSecond),throttling.iops-total=\(Self.requestsPerSecond)"
        return [
            "-drive", "if=none,id=bench,format=raw,cache=unsafe,file=\(path),\(limits)",
            "-device", "virtio-blk-pci,drive=bench",
        ]
    }

    /// Mounts it in the guest, or mounts it anew: then nothing of it is in the page cache, nor remembered as evicted.
    static func mount(_ guest: Guest) async throws {
        try await guest.sh(
            "mkdir -p \(folder); umount \(folder) 2>/dev/null; mount -t ext4 -o noatime /dev/vda \(folder)")
    }
}
