/// How much memory the guest shall keep: its size less every balloon.
public struct SetTarget: WireMessage {
    /// 0 ... vm_bytes. The balloon moves to vm_bytes - target_bytes, rounded down to 2 MiB.
    public var targetBytes: UInt64 = 0
    /// Size of the guest's RAM as the VMM provides it, in bytes.
    public var vmBytes: UInt64 = 0
    /// When the host expects the target to be reached, in milliseconds from receipt; 0 means no deadline. Informative.
    public var deadlineMilliseconds: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        targetBytes: UInt64 = 0,
        vmBytes: UInt64 = 0,
        deadlineMilliseconds: UInt64 = 0
    ) {
        self.targetBytes = targetBytes
        self.vmBytes = vmBytes
        self.deadlineMilliseconds = deadlineMilliseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, targetBytes)
        writer.field(2, vmBytes)
        writer.field(3, deadlineMilliseconds)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: targetBytes = try reader.uint64()
        case 2: vmBytes = try reader.uint64()
        case 3: deadlineMilliseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
