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
    ///   - configuredPID: the VMM's process; nil to take the one that listens on the QMP socket, which is wrong where a
    ///     manager made the socket (libvirt), and is found out then.
    ///   - procRoot: stands in for /proc in tests.
    public init(monitor: VirtualMachineMonitor, configuredPID: Int32? = nil, procRoot: String = "/proc") {
        self.monitor = monitor
        self.configuredPID = configuredPID
        self.procRoot = procRoot
    }

    /// Looks at everything. Throws only where QEMU does not answer; everything else becomes a refusal.
    public func inspect() async throws(QMPError) -> InspectionResult {
        let memory = try await monitor.memorySize()
        let process: VMMProcess
        let processFacts: ProcessFacts
        do throws(VMMProcessError) {
            process = try VMMProcess(pid: configuredPID ?? monitor.client.peer.processID, procRoot: procRoot)
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
            sevEnabled: try await monitor.isSEVEnabled(), backends: resolution.backends)
        let refusals = Inspection.refusals(of: facts) + wrongProcess(resolution)
        return InspectionResult(
            refusals: refusals, sections: refusals.isEmpty ? resolution.sections : [],
            files: refusals.isEmpty ? resolution.files : [:], process: process, memory: memory, facts: facts)
    }

    /// A map that fits nowhere in the process's memory most often means that it is the wrong process.
    private func wrongProcess(_ resolution: RAMFileResolver.Resolution) -> [RefusalReason] {
        resolution.refusals.map { reason in
            guard reason.code == .unknownLayout, configuredPID == nil else { return reason }
            return RefusalReason(
                reason.code,
                reason.description + "; the process that listens on the QMP socket "
                    + "(\(monitor.client.peer.processID)) was taken for the VMM: configure its pid if it is another")
        }
    }
}
