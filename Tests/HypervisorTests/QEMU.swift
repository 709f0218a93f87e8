import Foundation
import Glibc

@testable import Hypervisor

/// A QEMU of this test, without a guest system unless it is continued. It dies with the test process too: a shell
/// kills it when the pipe on its standard input closes.
final class QEMU {
    let folder: String
    let socket: String
    private let shell = Process()
    private let lifeline = Pipe()
    private let log: String

    /// Names of memory-backend-memfd objects with their sizes.
    static func memfd(_ id: String, _ size: String, _ extra: String = "") -> [String] {
        ["-object", "memory-backend-memfd,id=\(id),size=\(size)\(extra)"]
    }

    /// A machine whose RAM is one shared memfd.
    static func machine(_ machine: String, _ size: String) -> [String] {
        ["-machine", "\(machine),memory-backend=mem0", "-m", size] + memfd("mem0", size)
    }

    init(_ arguments: [String], secondMonitor: Bool = false) throws {
        folder = "/tmp/ballast-hv-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        socket = "\(folder)/qmp"
        log = "\(folder)/log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let second = secondMonitor ? ["-qmp", "unix:\(folder)/qmp2,server=on,wait=off"] : []
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments =
            ["-c", "\"$@\" </dev/null & p=$!; read _; kill -9 $p", "sh"]
            + [
                ProcessInfo.processInfo.environment["BALLAST_TEST_QEMU"] ?? "qemu-system-x86_64", "-S", "-nodefaults",
                "-no-user-config", "-display", "none", "-accel", "tcg",
                "-qmp", "unix:\(socket),server=on,wait=off", "-pidfile", "\(folder)/pid",
            ] + second + arguments
        shell.standardInput = lifeline
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        shell.standardOutput = handle
        shell.standardError = handle
        try shell.run()
        // A socket's file exists before anybody listens: the kernel's table tells that (flag 00010000).
        let needed = ["qmp"] + (secondMonitor ? ["qmp2"] : [])
        let ready = { [folder] in
            let table = (try? String(contentsOfFile: "/proc/net/unix", encoding: .utf8)) ?? ""
            let listening = table.split(separator: "\n").filter { $0.contains(" 00010000 ") }
            return needed.allSatisfy { name in listening.contains { $0.hasSuffix("\(folder)/\(name)") } }
                && FileManager.default.fileExists(atPath: "\(folder)/pid")
        }
        for _ in 0..<2_400 where !ready() { usleep(25_000) }
        guard ready() else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            stop()
            throw QEMUFailure(text: text)
        }
    }

    var pid: Int32? {
        (try? String(contentsOfFile: "\(folder)/pid", encoding: .utf8))
            .flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// A client with patience: tests run beside others that keep both cores busy.
    func connect(onEvent: (@Sendable (QMPEvent) -> Void)? = nil) async throws -> QMPClient {
        try await QMPClient.connect(
            path: socket, timeout: .seconds(60), commandTimeout: .seconds(60), onEvent: onEvent)
    }

    func stop() {
        // No `wait` in the shell: it inherits a mask that blocks SIGCHLD from the test's thread.
        let process = pid.flatMap { try? VMMProcess(pid: $0) }
        try? lifeline.fileHandleForWriting.close()
        shell.waitUntilExit()
        for _ in 0..<200 where process?.isAlive ?? false { usleep(10_000) }
        try? FileManager.default.removeItem(atPath: folder)
    }
}

struct QEMUFailure: Error {
    let text: String
}

/// Runs the body beside a QEMU and ends it however the body ends.
func withQEMU<T>(
    _ arguments: [String], secondMonitor: Bool = false, _ body: (QEMU) async throws -> T
) async throws -> T {
    let qemu = try QEMU(arguments, secondMonitor: secondMonitor)
    defer { qemu.stop() }
    return try await body(qemu)
}
