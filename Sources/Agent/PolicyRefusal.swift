/// Why a policy was not changed.
public struct PolicyRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of no it is.
    public enum Code: Sendable, Hashable {
        /// The value is none that a policy can have.
        case value
        /// The guest's configuration does not allow it.
        case configuration
    }

    /// What kind of no it is.
    public let code: Code
    /// One sentence: what is refused, which key forbids it, and what would change that.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
