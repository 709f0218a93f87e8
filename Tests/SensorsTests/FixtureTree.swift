import Glibc
import Sensors
import SystemPackage

/// A tree of files that stands in for /proc, /sys and /sys/fs/cgroup; removed when it is let go.
final class FixtureTree {
    let root: FilePath
    private var folders: Set<String> = []
    /// Files and folders in the order in which they were made.
    private var made: [FilePath] = []
    private var files: Set<String> = []

    init(_ files: [String: String] = [:]) throws {
        var template = Array("/tmp/ballast-sensors-XXXXXX".utf8CString)
        guard let name = mkdtemp(&template) else { throw Errno(rawValue: errno) }
        root = FilePath(String(cString: name))
        for (path, contents) in files { try write(path, contents) }
    }

    deinit {
        for path in made.reversed() { _ = path.withPlatformString { remove($0) } }
        _ = root.withPlatformString { rmdir($0) }
    }

    var roots: SensorRoots {
        SensorRoots(
            proc: root.appending("proc"), sys: root.appending("sys"), cgroup: root.appending("cgroup"), root: root)
    }

    /// Writes a file, making the folders above it.
    func write(_ path: String, _ contents: String) throws {
        let parts = path.split(separator: "/").dropLast().map(String.init)
        if !folders.contains(parts.joined(separator: "/")) {
            for count in parts.indices.map({ $0 + 1 }) {
                let name = parts.prefix(count).joined(separator: "/")
                guard folders.insert(name).inserted else { continue }
                let folder = root.appending(name)
                if folder.withPlatformString({ mkdir($0, 0o755) }) == 0 { made.append(folder) }
            }
        }
        let file = root.appending(path)
        let descriptor = try FileDescriptor.open(
            file, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        try descriptor.closeAfter { _ = try descriptor.writeAll(contents.utf8) }
        if files.insert(path).inserted { made.append(file) }
    }
}
