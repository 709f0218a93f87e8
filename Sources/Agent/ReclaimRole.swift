import Glibc
import Linux
import SystemPackage

/// The role of the process that reclaims or compacts: it writes one text to one file of the kernel, and ends.
public enum ReclaimRole {
    /// The name of the process, which tells the agent's binary to be one.
    static let name = "ballast-reclaim"

    /// Whether the arguments ask for this role.
    public static func isRequested(_ arguments: [String]) -> Bool { arguments.first == name }

    /// Writes; returns the exit status.
    public static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 3 else { return 64 }
        // The agent has precedence over everybody and must not be killed; this has neither right.
        try? ProcessSettings.setNice(10)
        try? ProcessSettings.setOOMScoreAdjustment(0)
        return write(arguments[2], to: FilePath(arguments[1])) ? 0 : 1
    }

    static func write(_ text: String, to file: FilePath) -> Bool {
        guard let opened = try? SmallFile.open(file, flags: O_WRONLY) else { return false }
        let bytes = Array(text.utf8)
        return unsafe Glibc.write(opened.rawValue, bytes, bytes.count) == bytes.count
    }
}
