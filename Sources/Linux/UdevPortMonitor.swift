#if Udev
    import CUdev
    public import SystemPackage

    /// Ports as udev knows them.
    @safe
    public final class UdevPortMonitor: PortMonitor {
        private let context: OpaquePointer
        private let monitor: OpaquePointer
        private var known: [String: VirtioPort] = [:]

        /// Starts listening; ports that exist already are in `ports()`.
        public init() throws(LinuxError) {
            guard let context = unsafe udev_new() else {
                throw LinuxError(code: .unsupported, operation: "opening udev")
            }
            guard let monitor = unsafe udev_monitor_new_from_netlink(context, "udev") else {
                _ = unsafe udev_unref(context)
                throw LinuxError(code: .unsupported, operation: "listening to udev")
            }
            unsafe self.context = context
            unsafe self.monitor = monitor
            guard unsafe udev_monitor_filter_add_match_subsystem_devtype(monitor, "virtio-ports", nil) >= 0,
                unsafe udev_monitor_enable_receiving(monitor) >= 0
            else {
                throw LinuxError(code: .unsupported, operation: "listening to udev for virtio-ports")
            }
            for port in ports() { known[port.entry] = port }
        }

        deinit {
            _ = unsafe udev_monitor_unref(monitor)
            _ = unsafe udev_unref(context)
        }

        /// The descriptor to watch for reading.
        public var descriptor: FileDescriptor? {
            FileDescriptor(rawValue: unsafe udev_monitor_get_fd(monitor))
        }

        /// The ports that udev lists.
        public func ports() -> [VirtioPort] {
            guard let list = unsafe udev_enumerate_new(context) else { return [] }
            defer { _ = unsafe udev_enumerate_unref(list) }
            guard unsafe udev_enumerate_add_match_subsystem(list, "virtio-ports") >= 0,
                unsafe udev_enumerate_scan_devices(list) >= 0
            else { return [] }
            var ports: [VirtioPort] = []
            var entry = unsafe udev_enumerate_get_list_entry(list)
            while let current = unsafe entry {
                if let path = unsafe udev_list_entry_get_name(current),
                    let device = unsafe udev_device_new_from_syspath(context, path)
                {
                    if let port = unsafe describe(device) { ports.append(port) }
                    _ = unsafe udev_device_unref(device)
                }
                unsafe entry = udev_list_entry_get_next(current)
            }
            return ports
        }

        /// The next event that udev sent.
        public func next() -> PortEvent? {
            while let device = unsafe udev_monitor_receive_device(monitor) {
                defer { _ = unsafe udev_device_unref(device) }
                guard let port = unsafe describe(device) else { continue }
                let action = unsafe udev_device_get_action(device).map { unsafe String(cString: $0) } ?? ""
                switch action {
                case "remove":
                    // Its attributes are gone with it; the name is what we knew.
                    return PortEvent(action: .removed, port: known.removeValue(forKey: port.entry) ?? port)
                case "add":
                    known[port.entry] = port
                    return PortEvent(action: .added, port: port)
                default:
                    known[port.entry] = port
                    return PortEvent(action: .changed, port: port)
                }
            }
            return nil
        }

        private func describe(_ device: OpaquePointer) -> VirtioPort? {
            guard let entry = unsafe udev_device_get_sysname(device).map({ unsafe String(cString: $0) }) else {
                return nil
            }
            let name = unsafe udev_device_get_sysattr_value(device, "name").map { unsafe String(cString: $0) }
            let node = unsafe udev_device_get_devnode(device).map { unsafe String(cString: $0) }
            return VirtioPort(entry: entry, name: name ?? "", device: FilePath(node ?? "/dev/\(entry)"))
        }
    }
#endif
