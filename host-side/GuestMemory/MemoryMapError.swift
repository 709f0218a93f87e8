/// Why a list of regions is no usable memory map. Such a VM is refused the agent balloon.
public struct MemoryMapError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Hashable, Sendable {
        /// No region at all.
        case empty
        /// More regions than any known machine has.
        case tooMany
        /// A region of zero bytes.
        case emptyRegion
        /// An address, offset or length that is no multiple of 4 KiB, or an odd page size.
        case unaligned
        /// A region that ends beyond the last address or file offset.
        case wraps
        /// Two regions at the same guest address.
        case overlapsInGuest
        /// Two regions backed by the same bytes of a file: discarding one would discard the other.
        case overlapsInFile
    }

    /// What is wrong.
    public var code: Code
    /// The guest address of the region at fault in bytes, where there is one.
    public var guestAddress: UInt64?

    /// The cause in one sentence.
    public var description: String {
        let place = guestAddress.map { " (region at \(hex($0)))" } ?? ""
        let cause =
            switch code {
            case .empty: "the memory map names no RAM"
            case .tooMany: "the memory map has more than \(MemoryMap.maximumRegions) regions"
            case .emptyRegion: "a region of the memory map is empty"
            case .unaligned: "a region of the memory map is not aligned to 4 KiB, or its page size is no power of two"
            case .wraps: "a region of the memory map ends beyond the address space"
            case .overlapsInGuest: "two regions of the memory map overlap in guest addresses"
            case .overlapsInFile: "two regions of the memory map are backed by the same bytes of a file"
            }
        return cause + place + "; the guest's memory will not be discarded"
    }
}

/// A number as the VMM's own listings show addresses.
func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
