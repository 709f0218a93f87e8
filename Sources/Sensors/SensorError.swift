public import SystemPackage

/// A view of the kernel that could not be read.
public struct SensorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Code: Sendable, Hashable {
        /// The file cannot be opened or read.
        case unreadable
        /// The file lacks a field that every supported kernel has, or carries no number there.
        case malformed
        /// The file is longer than any kernel writes it.
        case tooLong
    }

    /// What kind of trouble it is.
    public let code: Code
    /// The file.
    public let path: FilePath
    /// The system's error where `code` is `unreadable`.
    public let errno: Errno?
    /// The field where `code` is `malformed`.
    public let field: String

    init(_ code: Code, path: FilePath, errno: Errno? = nil, field: String = "") {
        self.code = code
        self.path = path
        self.errno = errno
        self.field = field
    }

    /// One line with the cause and what may help.
    public var description: String {
        switch code {
        case .unreadable:
            "cannot read \(path)\(errno.map { ": \($0)" } ?? ""); check that the file system is mounted and readable"
        case .malformed: "no usable \(field) in \(path); kernels from 6.1 on write one"
        case .tooLong: "\(path) is longer than any supported kernel writes it"
        }
    }
}
