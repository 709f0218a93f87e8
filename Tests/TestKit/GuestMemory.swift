import FoundationEssentials
import Glibc

extension Guest {
    /// The files that back the guest's RAM, as paths that can be opened: memfds through /proc.
    public var ramFiles: [String] {
        guard files.ramFiles.isEmpty else { return files.ramFiles }
        var seen: Set<UInt> = []
        let folder = "/proc/\(pid)/fd"
        return list(folder).compactMap { Int($0) }.sorted().compactMap { descriptor in
            let path = "\(folder)/\(descriptor)"
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
                target.hasPrefix("/memfd:memory-backend-memfd")
            else { return nil }
            var status = stat()
            guard stat(path, &status) == 0, seen.insert(status.st_ino).inserted else { return nil }
            return path
        }
    }

    /// What of the guest's RAM the host has in memory: the blocks of its files, in bytes.
    public func residentBytes() throws -> UInt64 {
        let paths = ramFiles
        guard !paths.isEmpty else { throw KitError("the guest's RAM has no file: \(options.backing)") }
        return try paths.reduce(0) { sum, path in
            var status = stat()
            guard stat(path, &status) == 0 else { throw KitError("\(path): errno \(errno)") }
            return sum + UInt64(status.st_blocks) * 512
        }
    }
}
