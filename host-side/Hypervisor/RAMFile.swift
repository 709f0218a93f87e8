import Glibc
public import Linux
public import SystemPackage

/// An open file that carries guest RAM. The descriptor is closed with the last reference.
public final class RAMFile: Sendable {
    /// Its identity.
    public let key: FileKey
    /// What the kernel told of it when it was opened.
    public let facts: RAMFileFacts
    /// Open for reading and writing.
    public let descriptor: FileDescriptor

    private let owned: OwnedDescriptor

    /// Opens the file and looks at it.
    public init(path: String) throws {
        // Opening must not hang should somebody have put a FIFO there.
        descriptor = try FileDescriptor.open(FilePath(path), .readWrite, options: [.closeOnExec, .nonBlocking])
        owned = OwnedDescriptor(descriptor)
        let memory = FileMemory(descriptor)
        let status = try memory.status()
        key = status.identity
        facts = RAMFileFacts(
            fileSystem: try memory.fileSystem(), seals: memory.seals() ?? 0, size: status.bytes)
    }

    /// The identity of the file at the path, symbolic links followed; nil where there is none.
    static func key(ofPath path: String) -> FileKey? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return FileKey(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
