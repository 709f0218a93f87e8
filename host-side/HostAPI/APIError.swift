/// Why a request was not fulfilled: a code for programs, a sentence for people, and what to do about it. In JSON the
/// body of every response whose status is not 2xx.
public struct APIError: Error, Codable, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is; decides the HTTP status and the exit code of ballastctl.
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// The request itself is wrong (400).
        case badRequest = "bad-request"
        /// There is no such VM or resource (404).
        case notFound = "not-found"
        /// Understood, possible, and refused: by the guest, by the policy, or since the host is paused (409).
        case refused
        /// The guest or its VMM does not answer (503).
        case unreachable
        /// The daemon failed (500).
        case failed

        /// The status of the HTTP response.
        public var httpStatus: Int {
            switch self {
            case .badRequest: 400
            case .notFound: 404
            case .refused: 409
            case .unreachable: 503
            case .failed: 500
            }
        }

        /// The exit status of ballastctl.
        public var exitStatus: ExitStatus {
            switch self {
            case .badRequest, .failed: .error
            case .notFound: .notFound
            case .refused: .refused
            case .unreachable: .unreachable
            }
        }
    }

    /// What kind of failure it is.
    public var code: Code
    /// What happened and why, in one sentence.
    public var message: String
    /// What the reader can do about it; nil where there is nothing sensible to say.
    public var remedy: String?

    /// Makes an error.
    public init(code: Code, message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    /// The sentence and its remedy.
    public var description: String {
        remedy.map { "\(message); \($0)" } ?? message
    }
}
