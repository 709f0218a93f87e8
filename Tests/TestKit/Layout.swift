import FoundationEssentials
import Glibc

/// Where the kit finds and keeps things.
public enum Layout {
    /// The repository's root.
    public static let repository: String = {
        // Tests/TestKit/Layout.swift is three levels down.
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// The folder of the build's products: `BALLAST_BUILD_DIR`, or the folder of the running test bundle.
    public static let build: String = {
        if let folder = environment("BALLAST_BUILD_DIR") { return folder }
        // Swift's test runner is a helper of the toolchain that loads the bundle named in its arguments.
        var candidates = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
        if let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            candidates.append(executable)
        }
        candidates.append("\(repository)/.build/debug/none")
        for candidate in candidates {
            let folder = parent(of: candidate)
            if FileManager.default.fileExists(atPath: "\(folder)/guest-tool") { return folder }
        }
        return parent(of: candidates[0])
    }()

    /// Guest images: `BALLAST_CACHE`, or build/cache.
    public static let cache = environment("BALLAST_CACHE") ?? "\(repository)/build/cache"

    /// Logs of guests and daemons, one folder for each guest, kept until the next run of the same test.
    public static let logs = environment("BALLAST_TEST_LOGS") ?? "\(repository)/build/test-logs"

    /// The path of a built program, such as `ballast-host`.
    public static func program(_ name: String) throws -> String {
        let path = "\(build)/\(name)"
        guard access(path, X_OK) == 0 else {
            throw KitError("\(path) is missing: run swift build, or set BALLAST_BUILD_DIR")
        }
        return path
    }

    /// A variable of the environment, unless empty.
    public static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "." }
        return String(path[..<slash])
    }
}
