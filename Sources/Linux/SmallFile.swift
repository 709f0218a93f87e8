import Glibc
public import SystemPackage

/// Small files as whole: settings of /proc and /sys.
public enum SmallFile {
    /// Opens a file, close-on-exec.
    public static func open(_ path: FilePath, flags: Int32, mode: UInt32 = 0o600) throws(LinuxError) -> OwnedDescriptor
    {
        let number = try systemCall("opening \(path)") {
            unsafe path.withPlatformString { unsafe Glibc.open($0, flags | O_CLOEXEC, mode) }
        }
        return OwnedDescriptor(rawValue: number)
    }

    /// Reads a file to its end.
    /// - Parameter limit: refuse larger files, in bytes.
    public static func read(_ path: FilePath, limit: Int = 1 << 20) throws(LinuxError) -> [UInt8] {
        let file = try open(path, flags: O_RDONLY)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = try systemCall("reading \(path)") {
                unsafe Glibc.read(file.rawValue, &chunk, chunk.count)
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw LinuxError(code: .invalid, operation: "reading \(path): it is larger than \(limit) bytes")
            }
        }
    }

    /// Reads a file as text, without white space at its end.
    public static func readText(_ path: FilePath, limit: Int = 1 << 20) throws(LinuxError) -> String {
        var bytes = try read(path, limit: limit)
        while let last = bytes.last, last == 0x0A || last == 0x20 || last == 0 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a text to an existing file in one call, as settings of /proc and /sys want it.
    public static func write(_ text: String, to path: FilePath) throws(LinuxError) {
        let file = try open(path, flags: O_WRONLY)
        let bytes = Array(text.utf8)
        let count = try systemCall("writing \(text) to \(path)") {
            unsafe Glibc.write(file.rawValue, bytes, bytes.count)
        }
        guard count == bytes.count else {
            throw LinuxError(code: .systemCall, operation: "writing \(path): only \(count) bytes were taken")
        }
    }

    /// Whether a path exists.
    public static func exists(_ path: FilePath) -> Bool {
        unsafe path.withPlatformString { unsafe access($0, F_OK) } == 0
    }

    /// The names in a directory, sorted, without `.` and `..`; empty when it cannot be read.
    public static func names(in directory: FilePath) -> [String] {
        guard let stream = unsafe directory.withPlatformString({ unsafe opendir($0) }) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
