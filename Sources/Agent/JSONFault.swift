/// Why bytes are no JSON value that the agent reads.
public enum JSONFault: Error, Sendable, Hashable {
    /// They end too early.
    case cut
    /// A byte that cannot stand where it does, at this offset.
    case unexpected(offset: Int)
    /// Arrays and objects are nested too deeply.
    case tooDeep
    /// A text is no valid UTF-8.
    case notUTF8
    /// Something follows the value.
    case trailing
}
