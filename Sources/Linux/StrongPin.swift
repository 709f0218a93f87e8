import Glibc
public import SystemPackage

/// Whether this kernel offers a pin that survives compaction and the death of one owner.
public enum StrongPin {
    /// Tries it with one page.
    /// - Parameter procRoot: where /proc is.
    /// - Returns: nil when it works, else why not, in words for the administrator.
    public static func unavailableReason(procRoot: FilePath = "/proc") -> String? {
        let setting = try? SmallFile.readText(procRoot.appending("sys/kernel/io_uring_disabled"))
        if setting == "2" {
            return "io_uring is switched off here (kernel.io_uring_disabled=2), so memory cannot be pinned"
        }
        do {
            let ring = try IOURing.create()
            let page = try unsafe Memory.mapAnonymous(bytes: 4096, alignment: 4096)
            defer { try? unsafe Memory.unmap(page) }
            unsafe page.storeBytes(of: 1, as: UInt8.self)
            try unsafe IOURing(descriptor: ring.descriptor).registerBuffer(page)
            try IOURing(descriptor: ring.descriptor).unregisterBuffers()
            ring.close()
            return nil
        } catch {
            let policy = setting == "1" ? " (kernel.io_uring_disabled=1: CAP_SYS_ADMIN is needed)" : ""
            return "memory cannot be pinned with io_uring\(policy): \(error)"
        }
    }
}
