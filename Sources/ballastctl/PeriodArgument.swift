import ArgumentParser
import HostAPI

/// Periods on the command line.
enum PeriodArgument {
    /// Milliseconds of `500ms`, `5s`, `2m` or `0`.
    static func parse(_ text: String) throws -> UInt64 {
        guard let period = PeriodText.parse(text) else {
            throw ValidationError("\"\(text)\" is no time; write 500ms, 5s or 2m.")
        }
        return period
    }
}
