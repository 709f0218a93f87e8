public import SystemPackage

/// Why the state directory cannot be used.
public struct StateStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What failed.
    public enum Code: Sendable {
        /// The directory or its lock file cannot be made or opened.
        case directory
        /// Another daemon has the directory.
        case inUse
        /// The state cannot be read.
        case read
        /// The state cannot be written; what was there before is untouched.
        case write
    }

    /// What failed.
    public var code: Code
    /// The file or directory concerned.
    public var path: String
    /// What the kernel said.
    public var errno: Errno?

    /// One sentence with cause and remedy.
    public var description: String {
        let cause = errno.map { ": \($0)" } ?? ""
        switch code {
        case .directory:
            return "the state directory cannot be used (\(path)\(cause)); check state-directory and its permissions"
        case .inUse:
            return "another ballast-host has the state directory (\(path) is locked); stop it first, or give this one "
                + "a state-directory of its own"
        case .read: return "\(path) cannot be read\(cause); check its permissions"
        case .write: return "\(path) cannot be written\(cause); nothing was changed. Is the disk full or read-only?"
        }
    }
}
