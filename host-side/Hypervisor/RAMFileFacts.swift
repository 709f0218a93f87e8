public import Linux

/// What the kernel tells of a file that carries guest RAM.
public struct RAMFileFacts: Sendable, Equatable {
    /// Its file system.
    public var fileSystem: FileMemory.FileSystem
    /// The file's seals (F_GET_SEALS), 0 where it cannot have any.
    public var seals: Int32
    /// Its size in bytes.
    public var size: UInt64

    /// Facts with their parts.
    public init(fileSystem: FileMemory.FileSystem, seals: Int32, size: UInt64) {
        self.fileSystem = fileSystem
        self.seals = seals
        self.size = size
    }

    /// Whether a seal forbids punching holes: F_SEAL_WRITE (8) or F_SEAL_FUTURE_WRITE (16).
    public var isWriteSealed: Bool { seals & 0x18 != 0 }
}
