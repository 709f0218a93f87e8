import FoundationEssentials
import Glibc

/// Folders and files that live as long as a guest. Their names carry the process, so that a later run removes what a
/// killed one left behind. Short, since a unix socket's path has to fit 107 bytes.
public enum Scratch {
    private static let prefix = "ballast-kit-"
    private static let roots = ["/tmp", "/dev/shm"]
    private static let counter = Monitor(0)
    private static let sweptOnce: Void = sweep()

    /// A new folder.
    public static func folder() throws -> String {
        _ = sweptOnce
        let path = "/tmp/\(unique())"
        guard mkdir(path, 0o700) == 0 else { throw KitError("\(path) cannot be made: errno \(errno)") }
        return path
    }

    /// A new name on the host's tmpfs, for RAM files.
    static func sharedMemoryPath() -> String {
        _ = sweptOnce
        return "/dev/shm/\(unique())"
    }

    /// Removes a file or a folder with all that is in it.
    public static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// What of this process is left; for the kit's own tests.
    static func leftovers() -> [String] {
        entries().filter { $0.process == getpid() }.map(\.path)
    }

    private static func unique() -> String {
        let number = counter.with { counter in
            counter += 1
            return counter
        }
        return "\(prefix)\(getpid())-\(number)"
    }

    private static func sweep() {
        for (path, process) in entries() where kill(process, 0) != 0 && errno == ESRCH {
            remove(path)
        }
    }

    private static func entries() -> [(path: String, process: pid_t)] {
        roots.flatMap { root in
            ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { name in
                guard name.hasPrefix(prefix),
                    let process = name.dropFirst(prefix.count).split(separator: "-").first.flatMap({ pid_t($0) })
                else { return nil }
                return ("\(root)/\(name)", process)
            }
        }
    }
}

/// The text of a file, or nothing where it cannot be read. Also for files of `/proc`, which have no size.
public func text(of path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { break }
        bytes.append(contentsOf: buffer[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Writes a text file anew.
public func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
}

/// Writes a file anew.
public func write(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw KitError("\(path) cannot be written: errno \(errno)") }
    defer { close(file) }
    var sent = 0
    while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count > 0 else { throw KitError("\(path) cannot be written: errno \(errno)") }
        sent += count
    }
}

/// The names in a folder; none where it cannot be read.
func list(_ path: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
}
