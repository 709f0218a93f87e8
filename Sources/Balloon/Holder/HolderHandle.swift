import Glibc
public import Linux
public import SystemPackage

/// The agent's end of one holder.
@safe
public final class HolderHandle {
    /// The holder's process: readable when it has ended.
    public let process: ProcessDescriptor
    private let socket: OwnedDescriptor
    private let socketPath: FilePath
    private let outgoing: UnsafeMutableRawBufferPointer
    private let incoming: UnsafeMutableRawBufferPointer
    private var decoder = HolderEventDecoder()

    private init(process: ProcessDescriptor, socket: OwnedDescriptor, socketPath: FilePath) {
        self.process = process
        self.socket = socket
        self.socketPath = socketPath
        unsafe outgoing = UnsafeMutableRawBufferPointer.allocate(
            byteCount: HolderCoding.headerBytes, alignment: 16)
        unsafe incoming = UnsafeMutableRawBufferPointer.allocate(
            byteCount: HolderCoding.maximumMessageBytes, alignment: 16)
    }

    deinit {
        unsafe outgoing.deallocate()
        unsafe incoming.deallocate()
    }

    /// The holder's process number.
    public var processID: Int32 { process.processID }

    /// The socket to watch for reading.
    public var descriptor: FileDescriptor { socket.descriptor }

    /// Starts a holder; its `hello` comes first.
    /// - Parameters:
    ///   - score: its oom_score_adj; 1000 makes it the OOM killer's first choice.
    ///   - executable: the agent's program.
    ///   - environment: nil passes ours on.
    public static func spawn(
        rings: RingPool, runtimeDirectory: FilePath, score: Int = 1000,
        executable: FilePath = ChildProcess.ownExecutable, environment: [String]? = nil
    ) throws(LinuxError) -> HolderHandle {
        let (ours, theirs) = try UnixSocket.pair(.sequentialPacket)
        var passed: [(source: FileDescriptor, target: Int32)] = [(theirs.descriptor, HolderMain.socketNumber)]
        for (slot, ring) in rings.descriptors.enumerated() {
            passed.append((ring, HolderMain.firstRingNumber + Int32(slot)))
        }
        let processID = try ChildProcess.spawn(
            executable: executable,
            arguments: HolderMain.arguments(runtimeDirectory: runtimeDirectory, slots: rings.count, score: score),
            environment: environment, descriptors: passed)
        return HolderHandle(
            process: try ProcessDescriptor(processID: processID), socket: ours,
            socketPath: HolderMain.socketPath(processID: processID, runtimeDirectory: runtimeDirectory))
    }

    /// Connects to a holder whose agent is dead. Ask for `list` next.
    public static func adopt(processID: Int32, runtimeDirectory: FilePath) throws(LinuxError) -> HolderHandle {
        let path = HolderMain.socketPath(processID: processID, runtimeDirectory: runtimeDirectory)
        let socket = try UnixSocket.connect(to: path, kind: .sequentialPacket)
        let peer = try UnixSocket.peer(of: socket.descriptor)
        guard peer.processID == processID, peer.userID == geteuid() else {
            throw LinuxError(
                code: .invalid, operation: "adopting holder \(processID): process \(peer.processID) answers",
                remedy: "remove \(path)")
        }
        return HolderHandle(
            process: try ProcessDescriptor(processID: processID), socket: socket, socketPath: path)
    }

    /// Process numbers of holders that left a socket, alive or not; sockets of dead ones are removed.
    public static func candidates(runtimeDirectory: FilePath) -> [Int32] {
        var found: [Int32] = []
        for name in SmallFile.names(in: runtimeDirectory) {
            guard name.hasPrefix("holder-"), name.hasSuffix(".sock"),
                let processID = Int32(name.dropFirst(7).dropLast(5))
            else { continue }
            let path = runtimeDirectory.appending(name)
            let alive = (try? ProcessDescriptor(processID: processID))?.isRunning ?? false
            if alive {
                found.append(processID)
            } else {
                _ = unsafe path.withPlatformString { unsafe unlink($0) }
            }
        }
        return found
    }

    /// Sends an order. Allocates nothing.
    /// - Returns: false when the holder does not take it now, or no more.
    @discardableResult
    public func send(_ request: HolderRequest) -> Bool {
        unsafe request.header.write(to: outgoing)
        if case .bytes = try? unsafe ByteChannel.send(socket.descriptor, from: UnsafeRawBufferPointer(outgoing)) {
            return true
        }
        return false
    }

    /// What the holder says next; nil when there is nothing, `closed` when there never will be.
    public func next() -> HolderEvent? {
        while true {
            switch try? unsafe ByteChannel.receive(socket.descriptor, into: incoming) {
            case .bytes(let count):
                switch unsafe decoder.feed(UnsafeRawBufferPointer(rebasing: incoming[..<count])) {
                case .event(let event): return event
                case .partial: continue
                case .garbled: return .closed
                }
            case .wouldBlock: return nil
            case .closed, nil: return .closed
            }
        }
    }

    /// Ends the holder at once and frees its memory on our own time. What a ring pins stays until it is cleared.
    public func kill() throws(LinuxError) {
        try process.signal(SIGKILL)
        // Older kernels lack it, and the kernel frees the memory in any case.
        _ = try? process.releaseMemory()
    }

    /// Collects a holder that has ended, and its socket. Nil while it runs; an adopted one is somebody else's child.
    public func reap(blocking: Bool = false) -> ProcessDescriptor.Exit? {
        let exit: ProcessDescriptor.Exit?
        do {
            exit = try process.wait(blocking: blocking)
        } catch {
            exit = process.isRunning ? nil : .killed(0)
        }
        if exit != nil { _ = unsafe socketPath.withPlatformString { unsafe unlink($0) } }
        return exit
    }

    /// Moves the holder into a systemd scope of its own, away from the agent's unit.
    public func enterScope(slice: String = "ballastholders.slice") throws(LinuxError) {
        try HolderScope.create(
            name: "ballast-holder-\(processID).scope", processID: processID, slice: slice,
            description: "Ballast balloon holder \(processID)")
    }
}
