public import SystemPackage

/// Notices ports by comparing listings of sysfs: for guests without udev.
public final class SysfsPortMonitor: PortMonitor {
    private let devRoot: FilePath
    private let sysRoot: FilePath
    private var known: [VirtioPort]
    private var pending: [PortEvent] = []

    /// Takes the first listing.
    public init(devRoot: FilePath = "/dev", sysRoot: FilePath = "/sys") {
        self.devRoot = devRoot
        self.sysRoot = sysRoot
        known = VirtioSerialPort.list(devRoot: devRoot, sysRoot: sysRoot)
    }

    /// Nothing to watch: sysfs sends no events.
    public var descriptor: FileDescriptor? { nil }

    /// The ports that are there now.
    public func ports() -> [VirtioPort] {
        VirtioSerialPort.list(devRoot: devRoot, sysRoot: sysRoot)
    }

    /// The next difference between the last listing and now.
    public func next() -> PortEvent? {
        if pending.isEmpty {
            let now = ports()
            for old in known where !now.contains(where: { $0.entry == old.entry }) {
                pending.append(PortEvent(action: .removed, port: old))
            }
            for port in now {
                guard let old = known.first(where: { $0.entry == port.entry }) else {
                    pending.append(PortEvent(action: .added, port: port))
                    continue
                }
                if old != port { pending.append(PortEvent(action: .changed, port: port)) }
            }
            known = now
        }
        return pending.isEmpty ? nil : pending.removeFirst()
    }
}
