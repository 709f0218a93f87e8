import TestKit

/// The admin's command, as a shell would run it.
enum Ballastctl {
    /// What one call printed, and how it ended.
    struct Result {
        let output: String
        let errors: String
        let exit: Int32

        /// Its output, read as JSON.
        func json() throws -> JSON { try JSON(parsing: output) }
    }

    static func run(_ words: [String], timeout: Duration = .seconds(120)) async throws -> Result {
        let result = try await ChildProcess.run(try Layout.program("ballastctl"), words, timeout: timeout)
        guard case .code(let code) = result.exit else {
            throw KitError("ballastctl \(words) ended with \(result.exit): \(result.errors)")
        }
        return Result(output: result.output, errors: result.errors, exit: code)
    }
}
