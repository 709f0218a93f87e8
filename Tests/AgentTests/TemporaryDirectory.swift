import Glibc
import Linux
import SystemPackage

/// A directory that goes away with its last reference.
final class TemporaryDirectory {
    let path: FilePath

    init() {
        let random = (try? RandomBytes.nonZero()) ?? 1
        path = FilePath("/tmp/ballast-test-\(getpid())-\(String(random, radix: 36))")
        _ = unsafe path.withPlatformString { unsafe mkdir($0, 0o700) }
    }

    deinit {
        Self.remove(path)
    }

    /// Creates a file and the directories above it.
    func write(_ text: String, to name: String) throws {
        let file = path.pushing(FilePath(name))
        var parents: [FilePath] = []
        var parent = file.removingLastComponent()
        while parent != path {
            parents.append(parent)
            parent = parent.removingLastComponent()
        }
        for directory in parents.reversed() { _ = unsafe directory.withPlatformString { unsafe mkdir($0, 0o700) } }
        let bytes = Array(text.utf8)
        let descriptor = try SmallFile.open(file, flags: O_WRONLY | O_CREAT | O_TRUNC)
        _ = unsafe Glibc.write(descriptor.rawValue, bytes, bytes.count)
    }

    func remove(_ name: String) {
        Self.remove(path.pushing(FilePath(name)))
    }

    private static func remove(_ path: FilePath) {
        var status = stat()
        guard unsafe path.withPlatformString({ unsafe lstat($0, &status) }) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in SmallFile.names(in: path) { remove(path.appending(name)) }
            _ = unsafe path.withPlatformString { unsafe rmdir($0) }
        } else {
            _ = unsafe path.withPlatformString { unsafe unlink($0) }
        }
    }
}
