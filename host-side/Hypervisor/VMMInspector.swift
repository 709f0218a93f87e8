import Glibc
import Linux

/// Gathers the facts of one VM and decides whether its memory may be discarded from outside.
public struct VMMInspector: Sendable {
    private let monitor: VirtualMachineMonitor
    private let configuredPID: Int32?
    private let procRoot: String

    /// An inspector.
    ///
    /// - Parameters:
    ///   - monitor: the VM's.
    ///   - configuredPID: the VMM's process; nil to find it: the one that listens on the QMP socket, or, where a
    ///     manager made the socket (libvirt does), the one that the vCPU threads belong to.
    ///   - procRoot: stands in for /proc in tests.
    public init(monitor: VirtualMachineMonitor, configuredPID: Int32? = nil, procRoot: String = "/proc") {
        self.monitor = monitor
        self.configuredPID = configuredPID
        self.procRoot = procRoot
    }

    /// Looks at everything. Throws only where QEMU does not answer; everything else becomes a refusal.
    public func inspect() async throws(QMPError) -> InspectionResult {
        let memory = try await monitor.memorySize()
        let threads = try await monitor.vCPUThreads()
        let process: VMMProcess
        let processFacts: ProcessFacts
        do throws(VMMProcessError) {
            process = try findProcess(threads: threads)
            processFacts = try process.facts()
        } catch {
            return InspectionResult(
                refusals: [RefusalReason(.vmmProcess, error.description)], sections: [], files: [:], process: nil,
                memory: memory, facts: nil)
        }
        let resolution = try await RAMFileResolver(monitor: monitor, process: process).resolve()
        let facts = VMMFacts(
            guestArchitecture: try await monitor.architecture(),
            hostPageSize: UInt64(exactly: sysconf(Int32(_SC_PAGESIZE))) ?? 0,
            snapshot: try await monitor.safetySnapshot(), process: processFacts,
            objectTypes: try await monitor.children(of: "/objects").map(\.type),
            blockDrivers: try await monitor.blockDrivers(),
            confidentialGuestSupport: try await monitor.confidentialGuestSupport(),
            sevEnabled: try await monitor.isSEVEnabled(), backends: boundBackends(resolution))
        let refusals = Inspection.refusals(of: facts) + resolution.refusals
        return InspectionResult(
            refusals: refusals, sections: refusals.isEmpty ? resolution.sections : [],
            files: refusals.isEmpty ? resolution.files : [:], process: process, memory: memory, facts: facts)
    }

    /// The process, proven by its threads to be the one that answers on the QMP socket.
    private func findProcess(threads: Set<Int32>) throws(VMMProcessError) -> VMMProcess {
        let peer = monitor.client.peer.processID
        var candidates = [configuredPID ?? peer]
        if configuredPID == nil, let thread = threads.first,
            let owner = VMMProcess.process(ofThread: thread, procRoot: procRoot)
        {
            candidates.append(owner)
        }
        for pid in candidates where pid > 0 {
            guard let process = try? VMMProcess(pid: pid, procRoot: procRoot), !threads.isEmpty,
                let own = try? process.threadIDs(), threads.isSubset(of: own)
            else { continue }
            return process
        }
        throw VMMProcessError(
            .gone,
            "process \(candidates.map(String.init).joined(separator: " or ")) is not the VMM behind this QMP socket: "
                + "it lacks the vCPU threads that QEMU names; configure the VMM's pid, and run ballast-host as root or "
                + "as the VMM's user")
    }

    /// Where binding broke off, a backend without a file means only that it was not reached.
    private func boundBackends(_ resolution: RAMFileResolver.Resolution) -> [VMMFacts.Backend] {
        resolution.refusals.isEmpty ? resolution.backends : resolution.backends.filter { !$0.shared || $0.file != nil }
    }
}
