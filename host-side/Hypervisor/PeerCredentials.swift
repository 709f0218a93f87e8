/// Who listens at the other end of a unix socket, as the kernel recorded it at listen(2). Where a manager created the
/// socket and handed it to the VMM (libvirt does), this is the manager: verify before trusting it to be the VMM.
public struct PeerCredentials: Sendable, Equatable {
    /// Process id, 0 where it is in another pid namespace.
    public let processID: Int32
    /// User id.
    public let userID: UInt32
    /// Group id.
    public let groupID: UInt32

    /// Credentials with their parts.
    public init(processID: Int32, userID: UInt32, groupID: UInt32) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
    }
}
