/// A command line that is not understood.
struct UsageError: Error, Sendable, Equatable {
    /// What is wrong with it, one line.
    let message: String
}
