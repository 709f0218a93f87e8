/// All that decides whether a VM's memory may be discarded from outside, as plain values.
public struct VMMFacts: Sendable, Equatable {
    /// One memory backend that carries RAM.
    public struct Backend: Sendable, Equatable {
        /// Its id.
        public var id: String
        /// Whether its mapping is shared.
        public var shared: Bool
        /// Its file; nil where none was found.
        public var file: RAMFileFacts?

        /// A backend with its parts.
        public init(id: String, shared: Bool, file: RAMFileFacts?) {
            self.id = id
            self.shared = shared
            self.file = file
        }
    }

    /// The guest's architecture by QEMU's word.
    public var guestArchitecture: String
    /// The host's base page size in bytes.
    public var hostPageSize: UInt64
    /// What QEMU answered in one go.
    public var snapshot: SafetySnapshot
    /// What /proc tells of the VMM.
    public var process: ProcessFacts
    /// Types of the objects under /objects.
    public var objectTypes: [String]
    /// Drivers of the block nodes.
    public var blockDrivers: [String]
    /// The object behind the machine's `confidential-guest-support`, empty for none.
    public var confidentialGuestSupport: String
    /// Whether QEMU says that SEV is on.
    public var sevEnabled: Bool
    /// The backends that carry RAM.
    public var backends: [Backend]

    /// Facts with their parts.
    public init(
        guestArchitecture: String, hostPageSize: UInt64, snapshot: SafetySnapshot, process: ProcessFacts,
        objectTypes: [String], blockDrivers: [String], confidentialGuestSupport: String, sevEnabled: Bool,
        backends: [Backend]
    ) {
        self.guestArchitecture = guestArchitecture
        self.hostPageSize = hostPageSize
        self.snapshot = snapshot
        self.process = process
        self.objectTypes = objectTypes
        self.blockDrivers = blockDrivers
        self.confidentialGuestSupport = confidentialGuestSupport
        self.sevEnabled = sevEnabled
        self.backends = backends
    }
}
