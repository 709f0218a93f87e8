import Controller
import Glibc
import GuestMemory
import HostAPI
import Hypervisor
import Linux
import Logging
import SystemPackage
import TestKit

/// A machine without a guest system, whose firmware idles, behind a controller in this process. Its agent is the test's
/// own; its monitor answers as the test wants.
struct BareMachine {
    /// Bytes of its RAM.
    static let memory: UInt64 = 64 << 20

    let relay: MonitorRelay
    let listener: UnixListener
    let ram: BareRAM
    /// The test's own way to the monitor.
    let qmp: QMPSocket
    let store: StateStore
    let controller: VMController

    /// Starts a machine with RAM on huge pages or base pages and a controller for it, runs the body, and ends both. The
    /// controller begins with `target` in its store.
    static func with<Result: Sendable>(
        hugePages: Bool, strict: Bool = false, target: UInt64? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (BareMachine) async throws -> Result
    ) async throws -> Result {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let backend = "memory-backend-memfd,id=ram0,size=\(memory),share=on"
        let qemu = try TestKit.ChildProcess.start(
            "/usr/bin/env",
            [
                "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-accel", "tcg",
                "-machine", "pc,memory-backend=ram0", "-m", "\(memory >> 20)M",
                "-object", backend + (hugePages ? ",hugetlb=on,hugetlbsize=2M" : ""),
                "-qmp", "unix:\(folder)/kit.qmp,server=on,wait=off",
                "-qmp", "unix:\(folder)/ballast.qmp,server=on,wait=off",
            ], log: "\(folder)/log")
        do {
            let result = try await attach(folder, qemu, strict, target, body)
            await qemu.kill()
            return result
        } catch {
            print("  the machine says: \(qemu.log)")
            await qemu.kill()
            throw error
        }
    }

    private static func attach<Result: Sendable>(
        _ folder: String, _ qemu: TestKit.ChildProcess, _ strict: Bool, _ target: UInt64?,
        isolation: isolated (any Actor)? = #isolation, _ body: (BareMachine) async throws -> Result
    ) async throws -> Result {
        let qmp = try await offThread { try QMPSocket(path: "\(folder)/kit.qmp") }
        var policy = VMPolicy(name: "vm", qmp: "\(folder)/relay.qmp")
        policy.agent = .serial("\(folder)/agent.sock")
        policy.pid = qemu.pid
        policy.strict = strict
        let logger = Logger(label: "ballast.test") { _ in SwiftLogNoOpLogHandler() }
        let store = try StateStore(directory: "\(folder)/state")
        try store.setTarget(target, of: "vm")
        let machine = BareMachine(
            relay: try MonitorRelay(path: policy.qmp, upstream: "\(folder)/ballast.qmp"),
            listener: try UnixListener(path: "\(folder)/agent.sock"), ram: try BareRAM(of: qemu.pid), qmp: qmp,
            store: store,
            controller: VMController(policy: policy, store: store, events: EventLog(logger: logger), logger: logger))
        let task = Task { [controller = machine.controller] in await controller.run() }
        defer { machine.relay.close() }
        do {
            let result = try await body(machine)
            task.cancel()
            await task.value
            return result
        } catch {
            task.cancel()
            await task.value
            throw error
        }
    }
}

/// The RAM file of a machine, opened beside the daemon and without its lock. Guest addresses below 3 GiB are offsets.
final class BareRAM: Sendable {
    private let descriptor: Int32

    init(of pid: Int32) throws {
        let process = try VMMProcess(pid: pid)
        guard
            let found = try process.descriptors().first(where: { $0.link.hasPrefix("/memfd:memory-backend-memfd") })
        else { throw KitError("the machine has no memfd") }
        descriptor = open(process.path(ofDescriptor: found.number), O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw KitError("the machine's RAM cannot be opened: errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// Bytes that have memory behind them.
    var residentBytes: UInt64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_blocks) * 512 : .max
    }

    /// Takes the memory away from a range as a discard does, its reservation in the pool included.
    func takeAway(_ range: Range<UInt64>) throws {
        let file = FileMemory(FileDescriptor(rawValue: descriptor))
        let bytes = range.upperBound - range.lowerBound
        // Only a page that is there has a reservation to lose.
        try file.back(offset: range.lowerBound, bytes: bytes)
        try file.punchHole(offset: range.lowerBound, bytes: bytes)
    }

    /// Writes to the guest's memory.
    func write(_ bytes: [UInt8], at address: UInt64) throws {
        guard pwrite(descriptor, bytes, bytes.count, Int(address)) == bytes.count else {
            throw KitError("pwrite: errno \(errno)")
        }
    }
}
