public import Linux

/// A range of guest RAM and where it lies in a file, proven.
public struct ResolvedSection: Sendable, Hashable {
    /// Guest-physical address, bytes.
    public let guestAddress: UInt64
    /// Bytes.
    public let length: UInt64
    /// The file.
    public let file: FileKey
    /// Where it begins in the file, bytes.
    public let fileOffset: UInt64
    /// The backend's id.
    public let backend: String

    /// A section with its parts.
    public init(guestAddress: UInt64, length: UInt64, file: FileKey, fileOffset: UInt64, backend: String) {
        self.guestAddress = guestAddress
        self.length = length
        self.file = file
        self.fileOffset = fileOffset
        self.backend = backend
    }
}
