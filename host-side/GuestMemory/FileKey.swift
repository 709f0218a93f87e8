/// Which file backs a piece of guest RAM: the device and inode that `fstat` reports.
///
/// Paths and names are no identity: two memory backends of equal size have descriptors of equal name.
public struct FileKey: Hashable, Sendable, CustomStringConvertible {
    /// `st_dev`.
    public var device: UInt64
    /// `st_ino`.
    public var inode: UInt64

    /// Names the file with this device and inode number.
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// Device and inode, as in "1:4711".
    public var description: String { "\(device):\(inode)" }
}
