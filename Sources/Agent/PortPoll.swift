import Glibc
import SystemPackage

/// Asks about one descriptor.
enum PortPoll {
    /// Whether the other side of a virtio-serial port is open.
    static func hostIsPresent(_ descriptor: FileDescriptor) -> Bool {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN | POLLOUT), revents: 0)
        guard unsafe poll(&entry, 1, 0) >= 0 else { return false }
        return entry.revents & Int16(POLLHUP) == 0
    }

    /// Waits until there is something to read.
    static func waitReadable(_ descriptor: FileDescriptor, milliseconds: Int32) {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&entry, 1, milliseconds)
    }
}
