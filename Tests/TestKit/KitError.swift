/// What went wrong in the kit itself (not in what is tested): a guest that does not boot, a file that is missing.
public struct KitError: Error, CustomStringConvertible {
    /// Cause and, where there is one, remedy.
    public var description: String

    /// An error with that text.
    public init(_ description: String) {
        self.description = description
    }
}
