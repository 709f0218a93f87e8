/// A line of a configuration file that cannot be used.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Code: Sendable, Hashable {
        /// The file cannot be read.
        case unreadable
        /// The line is not of the accepted subset of TOML.
        case syntax
        /// A table or key that does not exist, or in another table.
        case unknownKey
        /// The value has the wrong kind or is out of range.
        case value
    }

    /// What kind of trouble it is.
    public let code: Code
    /// The file as it was named.
    public let file: String
    /// Counted from 1; 0 where the trouble is the whole file's.
    public let line: Int
    /// What is wrong.
    public let message: String
    /// What would be right.
    public let expected: String

    init(_ code: Code, file: String, line: Int, _ message: String, expected: String) {
        self.code = code
        self.file = file
        self.line = line
        self.message = message
        self.expected = expected
    }

    /// `FILE:LINE: message (expected ...)`, one line.
    public var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        return "\(place): \(message) (expected \(expected))"
    }
}
