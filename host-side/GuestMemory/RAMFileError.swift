import Linux
public import SystemPackage

/// Why the file behind a guest's RAM cannot be used.
public struct RAMFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Hashable, Sendable {
        /// The file could not be opened for reading and writing.
        case open
        /// The path leads to another file than the one the VMM uses.
        case otherFile
        /// The file is no regular file, or not on tmpfs or hugetlbfs.
        case unsuitable
        /// Another process holds the lock.
        case locked
        /// A system call on the open file failed.
        case io
    }

    /// What went wrong.
    public var code: Code
    /// The kernel's answer, where there was one.
    public var errno: Errno?
    /// Cause and remedy.
    public var message: String

    /// Describes an error.
    public init(code: Code, errno: Errno? = nil, message: String) {
        self.code = code
        self.errno = errno
        self.message = message
    }

    /// The message, and the kernel's words.
    public var description: String {
        guard let errno else { return message }
        return "\(message) (\(errno))"
    }

    init(_ error: LinuxError, _ message: String) {
        self.init(code: .io, errno: error.errno, message: message)
    }
}
