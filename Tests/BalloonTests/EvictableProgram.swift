import Glibc
import Linux
import PageEviction
import SystemPackage

/// A copy of a program that no other process runs, so that the kernel can be made to drop its pages.
final class EvictableProgram {
    /// Where it lies: beside the programs of this build, on their disk.
    let path: FilePath
    private let file: OwnedDescriptor

    init(copyOf original: FilePath) throws {
        let name = original.lastComponent?.string ?? "program"
        path = try HolderFixture.agent().removingLastComponent().appending("evictable-\(name)-\(getpid())")
        let source = try SmallFile.open(original, flags: O_RDONLY)
        // Read and written only: a program that is open for writing cannot be run.
        let copy = try SmallFile.open(path, flags: O_WRONLY | O_CREAT | O_TRUNC)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe read(source.rawValue, &buffer, buffer.count)
            guard count > 0 else { break }
            guard unsafe write(copy.rawValue, buffer, count) == count else { throw Errno(rawValue: errno) }
        }
        // Pages that are not on the disk yet cannot be dropped.
        guard fchmod(copy.rawValue, 0o755) == 0, fsync(copy.rawValue) == 0 else { throw Errno(rawValue: errno) }
        file = try SmallFile.open(path, flags: O_RDONLY)
    }

    deinit { _ = unsafe path.withPlatformString { unsafe unlink($0) } }

    /// Whether the program of the tests lies on a disk: what is in memory only cannot be dropped.
    static let isOnDisk: Bool = {
        guard let agent = try? HolderFixture.agent(), let file = try? SmallFile.open(agent, flags: O_RDONLY),
            case .other = try? FileMemory(file.descriptor).fileSystem()
        else { return false }
        return true
    }()

    /// Drops what the kernel may drop of the program, while this process runs it.
    func evict(from processID: Int32) throws {
        let process = try ProcessDescriptor(processID: processID)
        for line in try SmallFile.readText(FilePath("/proc/\(processID)/maps")).split(separator: "\n")
        where line.hasSuffix(path.string) {
            let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { Int($0, radix: 16) }
            guard bounds.count == 2 else { continue }
            // Locked ranges are refused, which is what they are locked for.
            _ = evict_pages(process.descriptor.rawValue, bounds[0], bounds[1] - bounds[0])
        }
        guard forget_file(file.rawValue) == 0 else { throw Errno.ioError }
    }

    /// How often the process had to wait for a page from a disk: field 12 of `/proc/PID/stat`.
    static func majorFaults(_ processID: Int32) throws -> UInt64 {
        let text = try SmallFile.readText(FilePath("/proc/\(processID)/stat"))
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 10, let count = UInt64(fields[10]) else { throw Errno.invalidArgument }
        return count
    }
}
