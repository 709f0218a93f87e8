public import SystemPackage

/// A kernel or system library call that failed: what was tried, why it failed, and what to do about it.
public struct LinuxError: Error, CustomStringConvertible, Equatable {
    /// What kind of failure it is, for callers that decide by it.
    public enum Code: Sendable, Equatable {
        /// A system call failed; see `errno`.
        case systemCall
        /// What was looked for does not exist.
        case notFound
        /// Somebody else uses it.
        case busy
        /// The process lacks a right.
        case permission
        /// This kernel or build cannot do it.
        case unsupported
        /// The caller or a file gave a value that makes no sense.
        case invalid
    }

    /// The kind of failure.
    public let code: Code
    /// The kernel's error number, where there was one.
    public let errno: Errno?
    /// What was tried, in words.
    public let operation: String
    /// What to do about it; empty where there is nothing more to say.
    public let remedy: String

    /// Describes a failure.
    public init(code: Code, errno: Errno? = nil, operation: String, remedy: String = "") {
        self.code = code
        self.errno = errno
        self.operation = operation
        self.remedy = remedy
    }

    /// Describes a failed system call; the code follows from the error number.
    public init(errno: Errno, operation: String, remedy: String = "") {
        let code: Code =
            switch errno {
            case .noSuchFileOrDirectory, .noSuchProcess, .noSuchAddressOrDevice: .notFound
            case .resourceBusy, .addressInUse: .busy
            case .notPermitted, .permissionDenied: .permission
            case .noFunction, .notSupported: .unsupported
            default: .systemCall
            }
        self.init(code: code, errno: errno, operation: operation, remedy: remedy.isEmpty ? Self.remedy(errno) : remedy)
    }

    /// One line: operation, cause, remedy.
    public var description: String {
        var text = operation
        if let errno { text += ": \(errno)" }
        if !remedy.isEmpty { text += "; \(remedy)" }
        return text
    }

    private static func remedy(_ errno: Errno) -> String {
        switch errno {
        case .notPermitted, .permissionDenied: "run as root and check the unit's capabilities"
        case .noMemory: "free memory or raise the memory limit"
        case .tooManyOpenFiles: "raise the limit of open files (LimitNOFILE=)"
        case .noFunction: "a newer kernel is needed"
        default: ""
        }
    }
}
