/// Feature bits of vsock devices and of vhost-user.
public enum VhostUserFeatures {
    /// VIRTIO_F_INDIRECT_DESC
    public static let indirect: UInt64 = 1 << 28
    /// VIRTIO_F_EVENT_IDX
    public static let eventIndex: UInt64 = 1 << 29
    /// VHOST_USER_F_PROTOCOL_FEATURES
    public static let protocolFeatures: UInt64 = 1 << 30
    /// VIRTIO_F_VERSION_1
    public static let version1: UInt64 = 1 << 32
    /// All that this device offers.
    public static let offered = indirect | eventIndex | protocolFeatures | version1

    /// Replies to requests that ask for one.
    public static let replies: UInt64 = 1 << 3
    /// The device has a configuration; QEMU insists on it for the CID.
    public static let configuration: UInt64 = 1 << 9
    /// The VMM tells of the device's reset.
    public static let reset: UInt64 = 1 << 13
    /// All of the protocol's that this device offers. Without memory slots (bit 15) the table comes whole, and
    /// without a status (bit 16) the rings' own start and stop tell enough.
    public static let protocolOffered = replies | configuration | reset
}
