import Glibc
import Linux
public import SystemPackage

/// The holder's side of the binary: started by the agent as `ballast-holder --holder`, never by hand.
public enum HolderMain {
    /// What the kernel and `ps` call it.
    public static let processName = "ballast-holder"
    /// The first argument that asks for this role.
    public static let flag = "--holder"
    /// Where it finds its agent's socket.
    public static let socketNumber: Int32 = 3
    /// Where it finds the first ring; the others follow.
    public static let firstRingNumber: Int32 = 4
    /// The guest's own programs go before a balloon that grows: where all processors are busy it gets about a quarter of
    /// one.
    public static let niceness: Int32 = 5
    /// The most rings it can be given.
    public static let maximumSlots = 16

    /// Where a holder listens for the next agent.
    public static func socketPath(processID: Int32, runtimeDirectory: FilePath) -> FilePath {
        runtimeDirectory.appending("holder-\(processID).sock")
    }

    /// Whether the command line asks for this role.
    public static func isRequested(_ arguments: [String]) -> Bool {
        arguments.count > 1 && arguments[1] == flag
    }

    /// The command line that asks for this role.
    static func arguments(runtimeDirectory: FilePath, slots: Int, score: Int) -> [String] {
        [processName, flag, runtimeDirectory.string, String(slots), String(score)]
    }

    /// Works as a holder until the agent ends it.
    public static func run(_ arguments: [String]) -> Never {
        guard arguments.count == 5, isRequested(arguments), let slots = Int(arguments[3]),
            (1...maximumSlots).contains(slots), let score = Int(arguments[4])
        else { die("\(flag) is for ballast-agent's own use") }
        do {
            try work(runtimeDirectory: FilePath(arguments[2]), slots: slots, score: score)
        } catch {
            die(error.description)
        }
        exit(0)
    }

    private static func work(runtimeDirectory: FilePath, slots: Int, score: Int) throws(LinuxError) {
        ProcessSettings.setName(processName)
        // SIGTERM, which a stop of the whole system sends to everybody, is read by the loop.
        ProcessSettings.ignore(signals: [SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2])
        do {
            try ProcessSettings.setOOMScoreAdjustment(score)
        } catch {
            // Killable where it should be shielded costs the balloon, not the guest.
            Journal.send(.warning, error.description, identifier: processName)
        }
        try? ProcessSettings.setNice(niceness)
        ProcessSettings.allowAdoption()
        try? ProcessSettings.raiseMemlockLimit()
        // Before the right to see frames is dropped; our own, since an inherited one shows the agent's.
        let pagemap = try Pagemap()
        try Capabilities.drop(keeping: [.ipcLock, .sysResource])

        var rings: [IOURing] = []
        for slot in 0..<slots {
            rings.append(IOURing(descriptor: FileDescriptor(rawValue: firstRingNumber + Int32(slot))))
        }
        let builder = ChunkBuilder(pagemap: pagemap, rings: rings)
        let loop = try HolderLoop(
            agent: OwnedDescriptor(rawValue: socketNumber), builder: builder,
            socketPath: socketPath(processID: getpid(), runtimeDirectory: runtimeDirectory))
        // Its program must not have to come from a disk when memory is to be given back. What it holds is mapped later.
        do {
            try Memory.lockAllOnFault(includingFuture: false)
        } catch {
            Journal.send(.warning, error.description, identifier: processName)
        }
        try loop.run()
    }

    private static func die(_ message: String) -> Never {
        Journal.send(.error, message, identifier: processName)
        exit(1)
    }
}
