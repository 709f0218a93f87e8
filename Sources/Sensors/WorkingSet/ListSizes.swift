import SystemPackage

/// How much memory is on the kernel's lists of evictable pages, from `/proc/vmstat`, in bytes.
struct ListSizes: Sendable, Hashable {
    var activeAnonymous: UInt64 = 0
    var inactiveAnonymous: UInt64 = 0
    var activeFile: UInt64 = 0
    var inactiveFile: UInt64 = 0

    /// Anonymous memory and tmpfs.
    var anonymous: UInt64 { activeAnonymous.adding(inactiveAnonymous) }
    /// Page cache.
    var file: UInt64 { activeFile.adding(inactiveFile) }

    /// The sizes; nil where the file cannot be read.
    static func read(_ roots: SensorRoots) -> ListSizes? {
        guard let bytes = try? TextFile.read(roots.proc.appending("vmstat")) else { return nil }
        return parse(NumberTable(bytes))
    }

    static func parse(_ table: NumberTable) -> ListSizes? {
        guard let activeAnonymous = table["nr_active_anon"], let inactiveAnonymous = table["nr_inactive_anon"],
            let activeFile = table["nr_active_file"], let inactiveFile = table["nr_inactive_file"]
        else { return nil }
        return ListSizes(
            activeAnonymous: activeAnonymous.multiplied(4096), inactiveAnonymous: inactiveAnonymous.multiplied(4096),
            activeFile: activeFile.multiplied(4096), inactiveFile: inactiveFile.multiplied(4096))
    }
}
