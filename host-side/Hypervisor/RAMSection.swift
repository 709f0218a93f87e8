/// One range of guest-physical addresses that is backed by memory of the VMM.
public struct RAMSection: Sendable, Hashable {
    /// How the guest sees it.
    public enum Kind: Sendable, Hashable {
        /// Ordinary RAM.
        case ram
        /// Read-only: firmware, or RAM that the chipset write-protects.
        case rom
        /// Anything else that is memory, by QEMU's word: `ramd` (a device's), `nv-ram` (persistent), `romd`.
        case other(String)
    }

    /// Guest-physical address, bytes.
    public let guestAddress: UInt64
    /// Bytes, at least 1; address and length never wrap.
    public let length: UInt64
    /// The memory region's name: the backend's id for RAM.
    public let backend: String
    /// Where it begins in the backend, bytes.
    public let offset: UInt64
    /// How the guest sees it.
    public let kind: Kind
    /// The line it was read from.
    public let line: String

    /// A section with its parts.
    public init(guestAddress: UInt64, length: UInt64, backend: String, offset: UInt64, kind: Kind, line: String) {
        self.guestAddress = guestAddress
        self.length = length
        self.backend = backend
        self.offset = offset
        self.kind = kind
        self.line = line
    }
}
