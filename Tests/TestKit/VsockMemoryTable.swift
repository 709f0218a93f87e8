/// A guest's memory as its VMM told the vsock device: which guest physical addresses lie where in which files.
public struct VsockMemoryTable: Sendable, Equatable {
    /// One region.
    public struct Region: Sendable, Equatable {
        /// Guest physical address of its first byte.
        public var guestAddress: UInt64
        /// Its size in bytes.
        public var bytes: UInt64
        /// Where in the file it begins, in bytes.
        public var fileOffset: UInt64
        /// The file's device number.
        public var device: UInt64
        /// The file's inode number.
        public var inode: UInt64
    }

    /// How many tables the VMM has sent to this device so far.
    public let number: UInt64
    /// The regions by ascending guest address.
    public let regions: [Region]

    init(_ json: JSON) throws {
        func field(_ name: String, of value: JSON) throws -> UInt64 {
            guard let number = value[name].integer.flatMap({ UInt64(exactly: $0) }) else {
                throw KitError("the memory table has no \(name): \(json.text)")
            }
            return number
        }
        number = try field("number", of: json)
        regions = try json["regions"].elements.map { region in
            Region(
                guestAddress: try field("guest_address", of: region), bytes: try field("bytes", of: region),
                fileOffset: try field("file_offset", of: region), device: try field("device", of: region),
                inode: try field("inode", of: region))
        }.sorted { $0.guestAddress < $1.guestAddress }
    }

    /// Bytes of all regions.
    public var bytes: UInt64 { regions.reduce(0) { $0 + $1.bytes } }

    /// Where a range of guest memory lies: the region with its offset moved there; nil where not all of the range is
    /// in one region.
    public func place(of guestAddress: UInt64, bytes: UInt64) -> Region? {
        for var region in regions
        where guestAddress >= region.guestAddress && guestAddress - region.guestAddress < region.bytes {
            let offset = guestAddress - region.guestAddress
            guard bytes <= region.bytes - offset else { return nil }
            region.guestAddress = guestAddress
            region.fileOffset += offset
            region.bytes = bytes
            return region
        }
        return nil
    }
}
