/// The first message of a session, and the only one accepted before the reply. In the role CONTROLLER it is the proof
/// that nothing of an earlier session is in flight: a host sends it only while it holds the exclusive lock of the
/// guest's RAM file, after its last discard has returned.
public struct Hello: WireMessage {
    /// `role`, field 1.
    public var role: Role = .unspecified
    /// 16 random bytes, chosen anew for each session, carried in every page stamp. Empty for other roles.
    public var nonce: [UInt8] = []
    /// Free text: program and version of the peer.
    public var peer: String = ""
    /// Whether the host may discard what is offered on this session. False makes the agent a sensor only.
    public var agentBalloon: Bool = false
    /// Why not, where agent_balloon is false.
    public var refusal: String = ""
    /// Size of the guest's RAM as the VMM provides it, in bytes.
    public var vmBytes: UInt64 = 0
    /// The most chunks that may be in flight at once; 0 leaves it to the agent.
    public var maxInFlight: UInt32 = 0
    /// What the host can discard: whole, aligned runs of so many bytes. 0 and 4096 mean any frame; 2097152 where the
    /// guest's RAM lies on huge pages of 2 MiB. An agent offers nothing on a session whose granule it does not know.
    public var granuleBytes: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        role: Role = .unspecified,
        nonce: [UInt8] = [],
        peer: String = "",
        agentBalloon: Bool = false,
        refusal: String = "",
        vmBytes: UInt64 = 0,
        maxInFlight: UInt32 = 0,
        granuleBytes: UInt64 = 0
    ) {
        self.role = role
        self.nonce = nonce
        self.peer = peer
        self.agentBalloon = agentBalloon
        self.refusal = refusal
        self.vmBytes = vmBytes
        self.maxInFlight = maxInFlight
        self.granuleBytes = granuleBytes
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, role)
        writer.field(2, nonce)
        writer.field(3, peer)
        writer.field(4, agentBalloon)
        writer.field(5, refusal)
        writer.field(6, vmBytes)
        writer.field(7, maxInFlight)
        writer.field(8, granuleBytes)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: role = try reader.enumeration()
        case 2: nonce = try reader.bytes()
        case 3: peer = try reader.string()
        case 4: agentBalloon = try reader.bool()
        case 5: refusal = try reader.string()
        case 6: vmBytes = try reader.uint64()
        case 7: maxInFlight = try reader.uint32()
        case 8: granuleBytes = try reader.uint64()
        default: return false
        }
        return true
    }
}
