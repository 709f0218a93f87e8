import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The few ways in which the controller touches its small files.
enum StateStoreFiles {
    /// The whole of a file of at most `limit` bytes; nil where there is none.
    static func read(_ path: String, limit: Int) throws -> [UInt8]? {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(path), .readOnly, options: [.closeOnExec], retryOnInterrupt: true)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
        defer { try? file.close() }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            let part = try [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer), retryOnInterrupt: true)
            }
            if part.isEmpty { return bytes }
            bytes += part
        }
        throw Errno.fileTooLarge
    }

    /// Replaces a file so that after a crash at any moment either the old or the new content is there, whole.
    static func replace(_ path: String, in directory: String, with bytes: [UInt8]) throws {
        let temporary = path + ".tmp"
        let file = try FileDescriptor.open(
            FilePath(temporary), .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow],
            permissions: [.ownerRead, .ownerWrite])
        do {
            try file.writeAll(bytes)
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            try file.close()
        } catch {
            try? file.close()
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw Errno(rawValue: errno) }
        try syncDirectory(directory)
    }

    /// Makes a rename or a creation in the directory durable.
    static func syncDirectory(_ path: String) throws {
        let directory = try FileDescriptor.open(FilePath(path), .readOnly, options: [.directory, .closeOnExec])
        defer { try? directory.close() }
        guard fsync(directory.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes the directory and its missing parents, the last one for its owner alone.
    static func makeDirectory(_ path: String) throws {
        var made = ""
        let parts = path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            made += (index == 0 && !path.hasPrefix("/") ? "" : "/") + part
            if mkdir(made, index == parts.count - 1 ? 0o700 : 0o755) != 0, errno != EEXIST {
                throw Errno(rawValue: errno)
            }
        }
    }
}
