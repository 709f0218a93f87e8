import Glibc
public import SystemPackage

/// A virtio-serial port. It has one opener at a time. While the host's side is absent, reads give 0 bytes
/// (`ByteChannel.Outcome.closed`) and epoll reports `hangUp` without end: take the descriptor out of epoll and try again
/// with a growing pause. Bytes of an earlier session may still arrive on either side.
public enum VirtioSerialPort {
    /// The device of a port by its name.
    /// - Parameters:
    ///   - name: such as `org.ballast.agent.0`.
    ///   - devRoot: where /dev is.
    ///   - sysRoot: where /sys is.
    /// - Returns: nil while there is no such port.
    public static func find(
        name: String, devRoot: FilePath = "/dev", sysRoot: FilePath = "/sys"
    ) -> FilePath? {
        // Names come from a configuration file and must stay one path component.
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else { return nil }
        let link = devRoot.appending("virtio-ports").appending(name)
        if SmallFile.exists(link) { return link }
        return list(devRoot: devRoot, sysRoot: sysRoot).first { $0.name == name }?.device
    }

    /// Every port that sysfs shows.
    public static func list(devRoot: FilePath = "/dev", sysRoot: FilePath = "/sys") -> [VirtioPort] {
        let ports = sysRoot.appending("class").appending("virtio-ports")
        return SmallFile.names(in: ports).map { entry in
            let name = try? SmallFile.readText(ports.appending(entry).appending("name"), limit: 4096)
            return VirtioPort(entry: entry, name: name ?? "", device: devRoot.appending(entry))
        }
    }

    /// Opens a port, non-blocking.
    public static func open(_ device: FilePath) throws(LinuxError) -> OwnedDescriptor {
        do {
            return try SmallFile.open(device, flags: O_RDWR | O_NONBLOCK | O_NOCTTY)
        } catch {
            guard error.errno == .resourceBusy || error.errno == .tooManyOpenFiles else { throw error }
            throw LinuxError(
                code: .busy, errno: error.errno, operation: "opening \(device)",
                remedy: "a port serves one program: stop the other one")
        }
    }
}
