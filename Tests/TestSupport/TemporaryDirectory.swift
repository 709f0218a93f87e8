import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A directory that goes with its owner; flat.
public final class TemporaryDirectory: Sendable {
    /// Its path.
    public let path: String

    /// Makes one below /tmp.
    public init() throws {
        var template = Array("/tmp/ballast-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes a file anew.
    public func write(_ name: String, _ text: String) throws {
        let file = try FileDescriptor.open(
            FilePath(path + "/" + name), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        defer { try? file.close() }
        try file.writeAll(Array(text.utf8))
    }

    /// The text of a file, at most 1 MiB.
    public func read(_ name: String) throws -> String {
        let file = try FileDescriptor.open(FilePath(path + "/" + name), .readOnly)
        defer { try? file.close() }
        let bytes = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a file anew.
    public func write(_ name: String, bytes: [UInt8]) throws {
        let file = try FileDescriptor.open(
            FilePath(path + "/" + name), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        defer { try? file.close() }
        try file.writeAll(bytes)
    }

    /// Removes a file.
    public func remove(_ name: String) {
        unlink(path + "/" + name)
    }

    /// Makes a directory inside.
    public func makeDirectory(_ name: String) {
        mkdir(path + "/" + name, 0o700)
    }

    /// What is in it, sorted.
    public var names: [String] { Self.names(path) }

    private static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: String) {
        for name in names(path) {
            let child = path + "/" + name
            if unlink(child) != 0 { remove(child) }
        }
        rmdir(path)
    }

    deinit {
        Self.remove(path)
    }
}
