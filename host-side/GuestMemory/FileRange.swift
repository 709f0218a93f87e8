/// A run of bytes in a file that backs guest RAM.
public struct FileRange: Hashable, Sendable {
    /// The file.
    public var file: FileKey
    /// Offset in the file in bytes.
    public var offset: UInt64
    /// Length in bytes.
    public var length: UInt64

    /// A run of `length` bytes from `offset` on.
    public init(file: FileKey, offset: UInt64, length: UInt64) {
        self.file = file
        self.offset = offset
        self.length = length
    }

    /// The first byte after the run. Only for ranges of a validated map, where it cannot wrap.
    var end: UInt64 { offset + length }

    /// Sorts the ranges and joins those that touch, so that the kernel is called once for each hole.
    ///
    /// Returns nil where two of them overlap: the same byte must never be counted or discarded twice.
    static func coalesced(_ ranges: [FileRange]) -> [FileRange]? {
        let sorted = ranges.sorted {
            ($0.file.device, $0.file.inode, $0.offset) < ($1.file.device, $1.file.inode, $1.offset)
        }
        var joined: [FileRange] = []
        for range in sorted {
            guard let last = joined.last, last.file == range.file else {
                joined.append(range)
                continue
            }
            if range.offset < last.end { return nil }
            if range.offset == last.end {
                joined[joined.count - 1].length += range.length
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}
