import Linux

/// Proves where guest RAM lies in files, from plain values: what QEMU says of its memory map must agree with what the
/// kernel says of QEMU's address space, to the byte.
public enum RAMBinder {
    /// Where QEMU has mapped a section's first and last page; nil where QEMU says that there is no RAM.
    public struct Translation: Sendable, Equatable {
        /// The first page.
        public var first: HostAddress?
        /// The last page.
        public var last: HostAddress?

        /// A translation with its parts.
        public init(first: HostAddress?, last: HostAddress?) {
            self.first = first
            self.last = last
        }
    }

    /// Bytes of a page.
    public static let pageSize: UInt64 = 4_096

    /// The address of a section's last page.
    public static func lastPage(of section: RAMSection) -> UInt64 {
        section.guestAddress &+ section.length &- pageSize
    }

    /// Binds one section.
    ///
    /// - Parameters:
    ///   - section: from QEMU's memory map.
    ///   - translation: of its first and last page.
    ///   - fileBase: where the backend begins in its file, bytes (`memory-backend-file,offset=`).
    ///   - mappings: of the VMM, in ascending order as the kernel lists them.
    public static func bind(
        _ section: RAMSection, translation: Translation, fileBase: UInt64, mappings: [MemoryMapping]
    ) throws(RefusalReason) -> ResolvedSection {
        guard section.guestAddress % pageSize == 0, section.length % pageSize == 0, section.length > 0,
            section.offset % pageSize == 0
        else { throw unknown(section, "it is not made of whole pages") }
        guard let first = translation.first, let last = translation.last else {
            throw unknown(section, "gpa2hva knows no RAM there")
        }
        guard first.region == section.backend, last.region == section.backend else {
            throw unknown(section, "gpa2hva names \(first.region) and \(last.region)")
        }
        let (end, overflow) = first.address.addingReportingOverflow(section.length)
        guard !overflow, first.address % pageSize == 0, last.address == end &- pageSize else {
            throw unknown(section, "its host addresses are not contiguous")
        }
        let (fileOffset, wraps) = section.offset.addingReportingOverflow(fileBase)
        guard !wraps, !fileOffset.addingReportingOverflow(section.length).overflow else {
            throw unknown(section, "its file offset wraps")
        }
        let key = try file(of: section, at: first.address, end: end, fileOffset: fileOffset, mappings: mappings)
        return ResolvedSection(
            guestAddress: section.guestAddress, length: section.length, file: key, fileOffset: fileOffset,
            backend: section.backend)
    }

    /// Every mapping between the addresses must be a shared, writable one of the same file, at the offset expected.
    private static func file(
        of section: RAMSection, at start: UInt64, end: UInt64, fileOffset: UInt64, mappings: [MemoryMapping]
    ) throws(RefusalReason) -> FileKey {
        var position = start
        var key: FileKey?
        for mapping in mappings where mapping.end > start && mapping.start < end {
            guard mapping.start <= position else { break }
            guard mapping.isShared else {
                throw RefusalReason(
                    .memoryPrivate,
                    "the RAM of backend \(section.backend) is mapped privately; set share=on on the memory backend")
            }
            guard mapping.inode != 0 else {
                throw RefusalReason(.noDescriptor, "the RAM of backend \(section.backend) has no file behind it")
            }
            guard mapping.isWritable else { throw unknown(section, "it is mapped read-only") }
            let found = FileKey(device: mapping.device, inode: mapping.inode)
            guard key == nil || key == found else { throw unknown(section, "it spans several files") }
            key = found
            let (offset, wraps) = mapping.offset.addingReportingOverflow(position - mapping.start)
            let expected = fileOffset + (position - start)
            guard !wraps, offset == expected else {
                throw unknown(section, "it is mapped from file offset \(offset), not \(expected)")
            }
            position = min(mapping.end, end)
        }
        guard let key, position == end else { throw unknown(section, "the VMM's maps do not hold all of it") }
        return key
    }

    /// No two sections may share bytes of a file: a discard for one would take the other's.
    public static func checkOverlap(_ sections: [ResolvedSection]) throws(RefusalReason) {
        for (key, group) in Dictionary(grouping: sections, by: \.file) {
            let ordered = group.sorted { $0.fileOffset < $1.fileOffset }
            for (one, next) in zip(ordered, ordered.dropFirst()) where one.fileOffset + one.length > next.fileOffset {
                throw RefusalReason(
                    .unknownLayout,
                    "guest addresses 0x\(String(one.guestAddress, radix: 16)) and "
                        + "0x\(String(next.guestAddress, radix: 16)) share bytes of inode \(key.inode)")
            }
        }
    }

    static func unknown(_ section: RAMSection, _ why: String) -> RefusalReason {
        RefusalReason(.unknownLayout, "QEMU's memory map does not add up: \(why) (\(section.line.dropFirst(2)))")
    }
}
