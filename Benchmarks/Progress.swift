import Glibc

/// Lines for whoever watches. On standard error, so that standard output is the table alone.
enum Progress {
    private static let start = ContinuousClock().now

    static func say(_ line: String) {
        let seconds = (ContinuousClock().now - start).components.seconds
        let bytes = Array("[\(seconds) s] \(line)\n".utf8)
        _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    /// One repetition of one contender.
    static func run(_ number: Int, _ contender: some CustomStringConvertible, _ text: String) {
        say("   run \(number + 1), \(contender): \(text)")
    }
}
