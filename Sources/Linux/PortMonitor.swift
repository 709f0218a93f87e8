public import SystemPackage

/// What happened to a port.
public struct PortEvent: Sendable, Equatable {
    /// The kind of change.
    public enum Action: Sendable {
        /// It appeared.
        case added
        /// Something about it changed; its name arrives this way.
        case changed
        /// It is gone.
        case removed
    }

    /// The kind of change.
    public let action: Action
    /// The port as it is now, or was.
    public let port: VirtioPort
}

/// Notices ports that come and go.
public protocol PortMonitor: AnyObject {
    /// The descriptor to watch for reading; nil when `next` must be asked every second or so.
    var descriptor: FileDescriptor? { get }
    /// The ports that are there now.
    func ports() -> [VirtioPort]
    /// The next change, or nil.
    func next() -> PortEvent?
}

/// Chooses the monitor for this system.
public enum PortMonitors {
    /// Listens to udev where it runs and this build knows it, else looks into sysfs.
    public static func make(
        devRoot: FilePath = "/dev", sysRoot: FilePath = "/sys", runRoot: FilePath = "/run"
    ) -> any PortMonitor {
        #if Udev
            if SmallFile.exists(runRoot.appending("udev").appending("control")), let monitor = try? UdevPortMonitor() {
                return monitor
            }
        #endif
        return SysfsPortMonitor(devRoot: devRoot, sysRoot: sysRoot)
    }
}
