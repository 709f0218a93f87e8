import Glibc
import SystemPackage

/// Finds processes by name.
enum ProcessList {
    struct Found: Sendable, Hashable {
        let id: Int32
        let name: String
    }

    /// Processes of system accounts with one of these names, in the order of their numbers. What a user calls
    /// `kubelet` shall not move the balloon.
    static func find(_ names: Set<String>, roots: SensorRoots, limit: Int = 32768) -> [Found] {
        var found: [Found] = []
        for entry in Folder.names(in: roots.proc, limit: limit, where: { $0.utf8.first.map(isDigit) ?? false }) {
            guard let id = Int32(entry) else { continue }
            let folder = roots.proc.appending(entry)
            guard let bytes = try? TextFile.read(folder.appending("comm"), limit: 64),
                let line = KernelText.lines(bytes).first
            else { continue }
            let name = KernelText.text(line)
            if names.contains(name), isSystem(folder) { found.append(Found(id: id, name: name)) }
        }
        return found.sorted { $0.id < $1.id }
    }

    /// The arguments of a process, its name first; empty where they cannot be read.
    static func arguments(_ process: Int32, roots: SensorRoots) -> [String] {
        let file = roots.proc.appending(String(process)).appending("cmdline")
        guard let bytes = try? TextFile.read(file, limit: 1 << 16) else { return [] }
        return bytes.split(separator: 0, omittingEmptySubsequences: true).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Accounts below 1000, those that systemd makes for services, and our own.
    private static func isSystem(_ folder: FilePath) -> Bool {
        var status = stat()
        guard unsafe folder.withPlatformString({ unsafe stat($0, &status) }) == 0 else { return false }
        return status.st_uid < 1000 || (61184...65519).contains(status.st_uid) || status.st_uid == geteuid()
    }
}
