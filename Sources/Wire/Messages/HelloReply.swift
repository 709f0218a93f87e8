/// The answer to Hello.
public struct HelloReply: WireMessage {
    /// `agent_version`, field 1.
    public var agentVersion: String = ""
    /// uname release.
    public var kernel: String = ""
    /// /proc/sys/kernel/random/boot_id.
    public var bootId: String = ""
    /// Random number of this agent process.
    public var instance: UInt64 = 0
    /// Base page size of the guest, in bytes (4096).
    public var pageBytes: UInt32 = 0
    /// Online virtual processors.
    public var processors: UInt32 = 0
    /// MemTotal in bytes.
    public var memoryTotalBytes: UInt64 = 0
    /// Whether this guest can run the agent balloon, and why not.
    public var balloonAvailable: Bool = false
    /// `balloon_refusal`, field 9.
    public var balloonRefusal: Reason = .noReason
    /// `balloon_refusal_detail`, field 10.
    public var balloonRefusalDetail: String = ""
    /// Size of a full chunk in bytes, and the most chunks in flight.
    public var chunkBytes: UInt64 = 0
    /// `slots`, field 12.
    public var slots: UInt32 = 0
    /// Bytes held by the balloon now (to be followed by their inventory).
    public var heldBytes: UInt64 = 0
    /// `policy`, field 14.
    public var policy: PolicyState?

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        agentVersion: String = "",
        kernel: String = "",
        bootId: String = "",
        instance: UInt64 = 0,
        pageBytes: UInt32 = 0,
        processors: UInt32 = 0,
        memoryTotalBytes: UInt64 = 0,
        balloonAvailable: Bool = false,
        balloonRefusal: Reason = .noReason,
        balloonRefusalDetail: String = "",
        chunkBytes: UInt64 = 0,
        slots: UInt32 = 0,
        heldBytes: UInt64 = 0,
        policy: PolicyState? = nil
    ) {
        self.agentVersion = agentVersion
        self.kernel = kernel
        self.bootId = bootId
        self.instance = instance
        self.pageBytes = pageBytes
        self.processors = processors
        self.memoryTotalBytes = memoryTotalBytes
        self.balloonAvailable = balloonAvailable
        self.balloonRefusal = balloonRefusal
        self.balloonRefusalDetail = balloonRefusalDetail
        self.chunkBytes = chunkBytes
        self.slots = slots
        self.heldBytes = heldBytes
        self.policy = policy
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, agentVersion)
        writer.field(2, kernel)
        writer.field(3, bootId)
        writer.field(4, instance)
        writer.field(5, pageBytes)
        writer.field(6, processors)
        writer.field(7, memoryTotalBytes)
        writer.field(8, balloonAvailable)
        writer.field(9, balloonRefusal)
        writer.field(10, balloonRefusalDetail)
        writer.field(11, chunkBytes)
        writer.field(12, slots)
        writer.field(13, heldBytes)
        if let policy { writer.message(14, policy) }
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: agentVersion = try reader.string()
        case 2: kernel = try reader.string()
        case 3: bootId = try reader.string()
        case 4: instance = try reader.uint64()
        case 5: pageBytes = try reader.uint32()
        case 6: processors = try reader.uint32()
        case 7: memoryTotalBytes = try reader.uint64()
        case 8: balloonAvailable = try reader.bool()
        case 9: balloonRefusal = try reader.enumeration()
        case 10: balloonRefusalDetail = try reader.string()
        case 11: chunkBytes = try reader.uint64()
        case 12: slots = try reader.uint32()
        case 13: heldBytes = try reader.uint64()
        case 14: try reader.message(into: &policy)
        default: return false
        }
        return true
    }
}
