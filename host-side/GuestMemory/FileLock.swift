/// The exclusive lock of a RAM file, held for as long as this object lives.
///
/// The daemon takes it before a session's handshake and keeps it until its last discard has returned. A daemon that
/// was frozen holds it still, so no second one can begin a session beside it.
public final class FileLock: Sendable {
    /// The locked file.
    public let file: RAMFile

    init(file: RAMFile) { self.file = file }

    deinit { file.unlock() }
}
