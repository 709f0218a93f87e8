/// Why something is as it is: a stable code for programs and a sentence for people.
public struct Explanation: Codable, Sendable, Equatable {
    /// Short and stable, such as `private-ram` or `floor`.
    public var code: String
    /// One sentence, with the numbers that led to it.
    public var message: String

    /// Makes an explanation.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
