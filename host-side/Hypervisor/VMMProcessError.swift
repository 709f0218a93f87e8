/// Why the VMM's process could not be looked at.
public struct VMMProcessError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Sendable, Equatable {
        /// There is no such process, or it has ended.
        case gone
        /// Its files in /proc cannot be read.
        case unreadable
        /// A file in /proc has a form that is not known.
        case unknownForm
    }

    /// What went wrong.
    public let code: Code
    /// Cause and remedy in one sentence.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
