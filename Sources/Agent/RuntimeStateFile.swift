public import Linux
public import SystemPackage

/// The file in the runtime directory that keeps ``RuntimeState`` across a restart of the agent, not across a reboot.
public struct RuntimeStateFile: Sendable {
    /// Where it is: `state` in the runtime directory.
    public let path: FilePath
    private let bootID: String
    private var written: RuntimeState?

    /// The file of this boot in a folder; nothing is read or written yet.
    /// - Parameter bootID: what identifies the boot (/proc/sys/kernel/random/boot_id).
    public init(directory: FilePath, bootID: String) {
        path = directory.appending("state")
        // One word on one line, whatever it is.
        let isPlain = bootID.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        self.bootID = isPlain && !bootID.isEmpty ? bootID : "unknown"
    }

    /// What an earlier agent of this boot left; nothing where there is no file, or one that is damaged, of another
    /// format or of another boot.
    public mutating func load() -> RuntimeState {
        guard let bytes = try? SmallFile.read(path, limit: RuntimeStateText.limit),
            let state = RuntimeStateText.decode(bytes, bootID: bootID)
        else { return RuntimeState() }
        written = state
        return state
    }

    /// Writes the state where it differs from what is there; a state with nothing in it removes the file.
    public mutating func save(_ state: RuntimeState) throws(LinuxError) {
        if state == written { return }
        if state == RuntimeState() {
            try AtomicFile.remove(path)
        } else {
            try AtomicFile.replace(path, with: RuntimeStateText.encode(state, bootID: bootID))
        }
        written = state
    }
}
