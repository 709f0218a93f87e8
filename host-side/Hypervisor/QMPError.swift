/// Why a QMP connection or one of its commands failed.
public struct QMPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable, Equatable {
        /// The socket could not be connected.
        case connectionFailed
        /// The socket took the connection but never greeted: it serves somebody else.
        case busy
        /// No answer within the time given. The command may still take effect.
        case timeout
        /// The connection ended.
        case closed
        /// QEMU refused the command; `errorClass` and `description` are its words.
        case command
        /// An answer of a shape that the command never has.
        case unexpectedAnswer
        /// More events arrived than anyone took; going on would mean missing a STOP.
        case eventOverflow
        /// The caller's task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public let code: Code
    /// The command concerned, if any.
    public let command: String?
    /// QEMU's error class, such as `DeviceNotActive`, for failures of code `command`.
    public let errorClass: String?
    /// Cause and remedy in one sentence.
    public let description: String

    /// An error with its parts.
    public init(_ code: Code, command: String? = nil, errorClass: String? = nil, _ description: String) {
        self.code = code
        self.command = command
        self.errorClass = errorClass
        self.description = description
    }

    /// Whether QEMU does not know the command at all (older version, or built without the feature).
    public var isCommandUnknown: Bool { code == .command && errorClass == "CommandNotFound" }

    static func busy(path: String) -> QMPError {
        QMPError(
            .busy,
            "\(path) accepts connections but does not greet: another client holds this QMP socket; give Ballast its "
                + "own with a second -qmp unix:PATH,server=on,wait=off")
    }

    static func unexpected(_ command: String, _ answer: JSONValue) -> QMPError {
        QMPError(
            .unexpectedAnswer, command: command,
            "\(command) answered in a form that this version of Ballast does not know: "
                + answer.excerpt(200))
    }
}
