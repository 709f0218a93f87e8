public import HostAPI
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What the daemon remembers across restarts: targets, policies, the kill switch, and which VMs it paused itself.
///
/// One JSON file in the state directory, replaced atomically with every change; beside it one small file for each VM
/// that is paused for a discard. An exclusive lock keeps a second daemon out of the directory.
public final class StateStore: Sendable {
    /// The state directory.
    public let directory: String
    /// What was wrong with the stored state when it was read; one sentence each. Empty where all was well.
    public let problems: [String]

    private let lock: FileDescriptor
    private let bootID: String
    private let state: Mutex<StateStoreDocument>

    /// The largest state file that is read, in bytes.
    private static let largestFile = 16 << 20

    /// Opens the state directory, makes it where it is missing, and reads what it holds.
    ///
    /// A file that cannot be understood is kept aside as `state.json.<time>.broken`; the store then starts empty and
    /// *paused*, since nobody knows any more what the kill switch said.
    /// - Throws: ``StateStoreError`` where the directory cannot be used or another daemon has it.
    public init(directory: String) throws(StateStoreError) {
        self.directory = directory
        bootID = Self.currentBootID()
        do {
            try StateStoreFiles.makeDirectory(directory)
            try StateStoreFiles.makeDirectory(directory + "/stopped")
        } catch {
            throw StateStoreError(code: .directory, path: directory, errno: error as? Errno)
        }
        lock = try Self.takeLock(directory + "/lock")
        do {
            let read = try Self.load(directory)
            state = Mutex(read.document)
            problems = read.problems
        } catch {
            try? lock.close()
            throw StateStoreError(code: .read, path: directory + "/state.json", errno: error as? Errno)
        }
    }

    deinit {
        try? lock.close()
    }

    // MARK: The kill switch

    /// Whether the kill switch is on.
    public var isPaused: Bool { state.withLock { $0.paused } }

    /// Since when the kill switch is on.
    public var pausedSince: Timestamp? { state.withLock { $0.pausedSince } }

    /// Sets the kill switch.
    public func setPaused(_ paused: Bool, at time: Timestamp = .now) throws(StateStoreError) {
        try change { document in
            if document.paused != paused { document.pausedSince = paused ? time : nil }
            document.paused = paused
        }
    }

    // MARK: VMs

    /// What is remembered about a VM; everything nil where it is nothing.
    public func vm(_ name: String) -> StoredVM {
        state.withLock { $0.vms[name] ?? StoredVM() }
    }

    /// All VMs that something is remembered about.
    public var vms: [String: StoredVM] { state.withLock { $0.vms } }

    /// Stores a target in bytes; nil forgets it.
    public func setTarget(_ bytes: UInt64?, of name: String, at time: Timestamp = .now) throws(StateStoreError) {
        try change { document in
            document.vms[name, default: StoredVM()].targetBytes = bytes
            document.vms[name, default: StoredVM()].targetSet = bytes == nil ? nil : time
        }
    }

    /// Forgets every target.
    public func forgetTargets() throws(StateStoreError) {
        try change { document in
            for name in document.vms.keys {
                document.vms[name]?.targetBytes = nil
                document.vms[name]?.targetSet = nil
            }
        }
    }

    /// Stores the policies of a change beside those stored earlier.
    public func setPolicy(_ change: GuestPolicyChange, of name: String) throws(StateStoreError) {
        try self.change { document in
            var vm = document.vms[name] ?? StoredVM()
            vm.policy = change.over(vm.policy)
            document.vms[name] = vm
        }
    }

    private func change(_ body: (inout StateStoreDocument) -> Void) throws(StateStoreError) {
        try state.withLock { current throws(StateStoreError) in
            var changed = current
            body(&changed)
            changed.vms = changed.vms.filter { $0.value != StoredVM() }
            guard changed != current else { return }
            let path = directory + "/state.json"
            do {
                try StateStoreFiles.replace(path, in: directory, with: try APIJSON.encode(changed, pretty: true))
            } catch {
                throw StateStoreError(code: .write, path: path, errno: error as? Errno)
            }
            current = changed
        }
    }

    // MARK: VMs paused for a discard (strict mode)

    /// Notes that Ballast is about to pause the VM; call it before the VMM is told. Survives the daemon; needs no
    /// sync to disk, since no VM survives its host.
    public func markStopped(_ name: String, vmmPID: Int32) throws(StateStoreError) {
        let path = stoppedPath(name)
        let marker = StoppedMarker(bootID: bootID, vmmPID: vmmPID)
        do {
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow],
                permissions: [.ownerRead, .ownerWrite])
            defer { try? file.close() }
            try file.writeAll(Array(marker.text.utf8))
        } catch {
            throw StateStoreError(code: .write, path: path, errno: error as? Errno)
        }
    }

    /// Notes that the VM runs again; call it after the VMM said so.
    public func clearStopped(_ name: String) {
        unlink(stoppedPath(name))
    }

    /// The VMM process that Ballast paused and never continued; nil where there is none since this host booted. Only
    /// where it still is the VM's VMM may the daemon continue it.
    public func stoppedVMM(_ name: String) -> Int32? {
        guard let bytes = try? StateStoreFiles.read(stoppedPath(name), limit: 4096),
            let marker = StoppedMarker(text: String(decoding: bytes, as: UTF8.self)), marker.bootID == bootID
        else { return nil }
        return marker.vmmPID
    }

    private func stoppedPath(_ name: String) -> String {
        // The policy's names hold no slash; the prefix keeps "." and ".." apart from directories.
        directory + "/stopped/vm-" + name
    }
}

extension StateStore {
    private static func takeLock(_ path: String) throws(StateStoreError) -> FileDescriptor {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(path), .readWrite, options: [.create, .closeOnExec, .noFollow],
                permissions: [.ownerRead, .ownerWrite])
        } catch {
            throw StateStoreError(code: .directory, path: path, errno: error as? Errno)
        }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let problem = Errno(rawValue: errno)
            try? file.close()
            throw StateStoreError(code: problem == .wouldBlock ? .inUse : .directory, path: path, errno: problem)
        }
        return file
    }

    private static func load(_ directory: String) throws -> (document: StateStoreDocument, problems: [String]) {
        let path = directory + "/state.json"
        // Left by a crash before the rename: the state file beside it is whole.
        unlink(path + ".tmp")
        guard let bytes = try read(path) else { return (StateStoreDocument(), []) }
        do {
            guard let bytes else { throw Errno.fileTooLarge }
            let document = try APIJSON.decode(StateStoreDocument.self, from: bytes)
            guard document.version <= StateStoreDocument.currentVersion else {
                throw APIError(code: .failed, message: "it was written by a newer version (\(document.version))")
            }
            return (document, [])
        } catch {
            let now = Timestamp.now
            let aside = path + ".\(now.milliseconds).broken"
            guard rename(path, aside) == 0 else { throw Errno(rawValue: errno) }
            let empty = StateStoreDocument(paused: true, pausedSince: now)
            try StateStoreFiles.replace(path, in: directory, with: try APIJSON.encode(empty, pretty: true))
            let problem =
                "\(path) is damaged (\(APIJSON.explain(error))); it was kept as \(aside), targets and policies are "
                + "forgotten, and the host is paused: set the targets again, then run `ballastctl resume`"
            return (empty, [problem])
        }
    }

    /// The file's content; `.some(nil)` where it is too large to be ours.
    private static func read(_ path: String) throws -> [UInt8]?? {
        do {
            guard let bytes = try StateStoreFiles.read(path, limit: largestFile) else { return .none }
            return .some(bytes)
        } catch Errno.fileTooLarge {
            return .some(nil)
        }
    }

    private static func currentBootID() -> String {
        let bytes = try? StateStoreFiles.read("/proc/sys/kernel/random/boot_id", limit: 256)
        return String(decoding: (bytes ?? []).prefix { $0 != 10 }, as: UTF8.self)
    }
}
