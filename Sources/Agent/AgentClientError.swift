/// Why the running agent did not do what it was asked.
public struct AgentClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Code: Sendable, Equatable {
        /// Nobody answers at the socket.
        case unreachable
        /// The agent said no.
        case refused
        /// It did not happen in time.
        case late
        /// Anything else.
        case failed
    }

    /// What kind of trouble it is.
    public let code: Code
    /// One line: what went wrong and, where there is one, the remedy.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
