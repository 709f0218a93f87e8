/// The requests of a VMM that this device knows, by their numbers in vhost-user.
public enum VhostUserRequest: UInt32, Sendable {
    /// Which virtio features there are.
    case getFeatures = 1
    /// Which of them the guest's driver agreed to.
    case setFeatures = 2
    /// The VMM begins.
    case setOwner = 3
    /// An old name for the end of a session.
    case resetOwner = 4
    /// The guest's memory, with a descriptor for each region.
    case setMemoryTable = 5
    /// A ring's size.
    case setRingSize = 8
    /// Where a ring lies.
    case setRingAddress = 9
    /// Where a ring goes on.
    case setRingBase = 10
    /// Stops a ring and asks where it stopped.
    case getRingBase = 11
    /// The descriptor by which the driver tells of buffers.
    case setRingKick = 12
    /// The descriptor by which the device tells of them.
    case setRingCall = 13
    /// The descriptor by which the device tells of a broken ring.
    case setRingError = 14
    /// Which features of the protocol itself there are.
    case getProtocolFeatures = 15
    /// Which of them the VMM uses.
    case setProtocolFeatures = 16
    /// How many rings there are.
    case getQueueCount = 17
    /// Lets a ring run, or pauses it.
    case setRingEnabled = 18
    /// Reads the device's configuration: the guest's CID.
    case getConfiguration = 24
    /// Writes it, which nobody may.
    case setConfiguration = 25
    /// The guest reset the device.
    case resetDevice = 34
}
