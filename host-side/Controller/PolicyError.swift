/// Everything that is wrong with a policy file.
public struct PolicyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable {
        /// Line in the file, from 1; nil where it concerns the whole file.
        public var line: Int?
        /// What is wrong and what is expected.
        public var message: String

        /// Makes a problem.
        public init(line: Int?, message: String) {
            self.line = line
            self.message = message
        }
    }

    /// Path of the file as it was given.
    public var file: String
    /// In the order of the file.
    public var problems: [Problem]

    /// Makes an error.
    public init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    /// One line for each problem: `file:line: message`.
    public var description: String {
        problems.map { problem in
            "\(file):" + (problem.line.map { "\($0):" } ?? "") + " \(problem.message)"
        }.joined(separator: "\n")
    }
}
