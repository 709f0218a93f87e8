import Glibc
import TestKit

/// A disk with ballastctl and the libraries that this build of it needs, for a guest that has none of them.
struct CommandDisk {
    private static let folder = "/command"

    private let path: String

    /// Makes one in a folder.
    init(folder: String) async throws {
        let program = try Layout.program("ballastctl")
        let listed = try await ChildProcess.run("/usr/bin/ldd", [program])
        let libraries = listed.output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").map(String.init).first { $0.hasPrefix("/") }
        }
        guard listed.exit == .code(0), !libraries.isEmpty else {
            throw KitError("what ballastctl needs is not known: \(listed.errors)")
        }
        path = "\(folder)/command.ext4"
        let tree = "\(folder)/command"
        let script = """
            set -e; mkdir -p \(tree)/lib; cp \(program) \(tree)/; cp -L \(libraries.joined(separator: " ")) \(tree)/lib/
            /sbin/mkfs.ext4 -q -F -m 0 -O ^has_journal -d \(tree) \(path) 512m
            """
        let made = try await ChildProcess.run("/bin/sh", ["-c", script])
        guard made.exit == .code(0) else { throw KitError("no disk can be made: \(made.errors)") }
    }

    /// QEMU's arguments; the first disk of a guest is its /dev/vda.
    var arguments: [String] {
        ["-drive", "if=none,id=command,format=raw,readonly=on,file=\(path)", "-device", "virtio-blk-pci,drive=command"]
    }

    /// Mounts it.
    func mount(in guest: Guest) async throws {
        try await guest.sh("mkdir -p \(Self.folder) && mount -t ext4 -o ro /dev/vda \(Self.folder)")
    }

    /// The command, for a shell in the guest.
    var ballastctl: String { "env LD_LIBRARY_PATH=\(Self.folder)/lib \(Self.folder)/ballastctl" }
}
