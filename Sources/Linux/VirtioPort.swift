public import SystemPackage

/// One virtio-serial port as the kernel shows it.
public struct VirtioPort: Sendable, Equatable {
    /// The kernel's name of the device, such as `vport1p1`.
    public let entry: String
    /// The name that the host gave it; empty until it arrives, which can be after the port was added.
    public let name: String
    /// The device to open.
    public let device: FilePath

    /// Describes a port.
    public init(entry: String, name: String, device: FilePath) {
        self.entry = entry
        self.name = name
        self.device = device
    }
}
