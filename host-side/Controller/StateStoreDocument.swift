public import HostAPI

/// The state file.
struct StateStoreDocument: Codable, Equatable {
    static let currentVersion = 1

    var version = Self.currentVersion
    var paused = false
    var pausedSince: Timestamp?
    var vms: [String: StoredVM] = [:]
}

/// What is remembered about a VM.
public struct StoredVM: Codable, Sendable, Equatable {
    /// The target set by an administrator, in bytes.
    public var targetBytes: UInt64?
    /// When it was set.
    public var targetSet: Timestamp?
    /// Policies set while running; they outrank those of the policy file.
    public var policy = GuestPolicyChange()

    /// Makes a VM that nothing is remembered about.
    public init() {}
}

/// Says which VMM process Ballast paused, under which boot of the host.
struct StoppedMarker: Equatable {
    var bootID: String
    var vmmPID: Int32

    var text: String { "\(bootID) \(vmmPID)\n" }
}

extension StoppedMarker {
    init?(text: String) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard text.hasSuffix("\n"), words.count == 2, let pid = Int32(words[1]), pid > 0 else { return nil }
        self.init(bootID: String(words[0]), vmmPID: pid)
    }
}
