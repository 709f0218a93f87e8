import Glibc
import SystemPackage

@testable import Sensors

/// A `/proc/kpageflags` of a fixture tree.
enum FrameFile {
    /// Writes the flags of the frames from 0 on.
    static func write(_ flags: [PageFlags], in tree: FixtureTree) throws {
        let path = tree.root.appending("proc/kpageflags")
        try tree.write("proc/kpageflags", "")
        let file = try FileDescriptor.open(path, .writeOnly, options: .truncate)
        try file.closeAfter {
            var bytes: [UInt8] = []
            for flag in flags {
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: flag.rawValue >> shift))
                }
            }
            _ = try file.writeAll(bytes)
        }
    }
}

extension FixtureTree {
    /// Its roots, debugfs included.
    var workingSetRoots: SensorRoots {
        var roots = self.roots
        roots.debug = root.appending("debug")
        return roots
    }

    /// What a file holds.
    func text(_ path: String) throws -> String {
        let file = try FileDescriptor.open(root.appending(path), .readOnly)
        return try file.closeAfter {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }
}
