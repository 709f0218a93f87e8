import SystemPackage

/// `vm.overcommit_memory`: how the kernel accounts for memory that was promised.
public enum OvercommitMode: Int, Sendable, Hashable {
    /// Refuses only what is obviously too much.
    case heuristic = 0
    /// Promises everything.
    case always = 1
    /// Promises no more than CommitLimit.
    case strict = 2

    /// Reads the setting; heuristic, the kernel's default, where it cannot be read.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> OvercommitMode {
        guard let text = try? TextFile.line(roots.proc.appending("sys/vm/overcommit_memory")) else { return .heuristic }
        return Int(text).flatMap(OvercommitMode.init) ?? .heuristic
    }
}
