/// One memory backend as `query-memdev` lists it.
public struct MemoryBackend: Sendable, Equatable {
    /// Its id; `pc.ram` where none was configured.
    public let id: String
    /// Bytes.
    public let size: UInt64
    /// Whether its mapping is shared, so that what is freed in the file is freed in the guest.
    public let shared: Bool

    /// A backend with its parts.
    public init(id: String, size: UInt64, shared: Bool) {
        self.id = id
        self.size = size
        self.shared = shared
    }
}
