/// One line of /proc/PID/maps.
public struct MemoryMapping: Sendable, Equatable {
    /// First address.
    public let start: UInt64
    /// First address behind it; greater than `start`.
    public let end: UInt64
    /// The four permission letters, such as `rw-s`.
    public let permissions: String
    /// Where it begins in the file, bytes.
    public let offset: UInt64
    /// The file's device, as stat(2) numbers it; 0 for none.
    public let device: UInt64
    /// The file's inode, 0 for none.
    public let inode: UInt64
    /// The file's path, or a name in brackets, or nothing.
    public let path: String

    /// A mapping with its parts.
    public init(
        start: UInt64, end: UInt64, permissions: String, offset: UInt64, device: UInt64, inode: UInt64, path: String
    ) {
        self.start = start
        self.end = end
        self.permissions = permissions
        self.offset = offset
        self.device = device
        self.inode = inode
        self.path = path
    }

    /// Whether writes reach the file (MAP_SHARED).
    public var isShared: Bool { permissions.hasSuffix("s") }
    /// Whether the process may write to it.
    public var isWritable: Bool { permissions.dropFirst().first == "w" }

    /// Reads one line; nil where it is none.
    public init?(line: Substring) {
        let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        guard fields.count >= 5, fields[1].count == 4 else { return nil }
        let range = fields[0].split(separator: "-", omittingEmptySubsequences: false)
        let numbers = fields[3].split(separator: ":", omittingEmptySubsequences: false)
        guard range.count == 2, numbers.count == 2, let start = UInt64(range[0], radix: 16),
            let end = UInt64(range[1], radix: 16), start < end, let offset = UInt64(fields[2], radix: 16),
            let major = UInt64(numbers[0], radix: 16), let minor = UInt64(numbers[1], radix: 16),
            major < 1 << 32, minor < 1 << 32, let inode = UInt64(fields[4])
        else { return nil }
        self.init(
            start: start, end: end, permissions: String(fields[1]), offset: offset,
            device: Self.deviceNumber(major: major, minor: minor), inode: inode,
            path: fields.count == 6 ? String(fields[5].drop { $0 == " " }) : "")
    }

    /// glibc's makedev.
    static func deviceNumber(major: UInt64, minor: UInt64) -> UInt64 {
        (minor & 0xFF) | (major & 0xFFF) << 8 | (minor & ~0xFF) << 12 | (major & ~0xFFF) << 32
    }
}
