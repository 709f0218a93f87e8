import SystemPackage

/// Reads `/proc/kpageflags`; open only while it is used.
struct PageFlagsReader: ~Copyable {
    private let file: FileDescriptor
    /// How many folios may still be looked up by the page that leads them; each costs a read of 4 KiB.
    private var lookupsLeft = 1024

    /// Opens the file; nil where it cannot be: only root may.
    init?(_ roots: SensorRoots) {
        guard let file = try? FileDescriptor.open(roots.proc.appending("kpageflags"), .readOnly, options: .closeOnExec)
        else { return nil }
        self.file = file
    }

    deinit { try? file.close() }

    /// The flags of frames in a row, those of tail pages replaced by their head's; empty where there are none.
    mutating func flags(from frame: UInt64, count: Int) -> [PageFlags] {
        var flags = raw(from: frame, count: count)
        for index in flags.indices where flags[index].contains(.tail) && !flags[index].contains(.anonymous) {
            // A folio's pages share its flags: the neighbour was looked up already.
            if index > 0, !flags[index - 1].contains(.tail), flags[index - 1].contains(.head) {
                flags[index] = flags[index - 1]
            } else if let head = head(of: frame + UInt64(index)) {
                flags[index] = head
            }
        }
        return flags
    }

    private mutating func head(of frame: UInt64) -> PageFlags? {
        guard lookupsLeft > 0 else { return nil }
        lookupsLeft -= 1
        // Folios of the page cache are at most 2 MiB, and lie at multiples of their size.
        let start = frame & ~511
        guard let leader = raw(from: start, count: Int(frame - start)).last(where: { !$0.contains(.tail) }),
            leader.contains(.head)
        else { return nil }
        return leader
    }

    private func raw(from frame: UInt64, count: Int) -> [PageFlags] {
        guard count > 0, let offset = Int64(exactly: frame.multiplied(8)) else { return [] }
        var words = [UInt64](repeating: 0, count: count)
        let read = unsafe words.withUnsafeMutableBytes { buffer in
            (try? unsafe file.read(fromAbsoluteOffset: offset, into: buffer)) ?? 0
        }
        return words.prefix(read / 8).map { PageFlags(rawValue: UInt64(littleEndian: $0)) }
    }
}
